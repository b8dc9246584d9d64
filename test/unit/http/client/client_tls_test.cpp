// Calls to https:// URLs: only to peers that are who they are said to be, and never in clear.
#include "http/transport/tls_context.hpp"
#include "support/test_certificate.hpp"
#include "unit/http/client/call_fixture.hpp"

using namespace distd;
using namespace distd::http;
using test::certificate_wish;
using test::test_certificate;

namespace {

const certificate_wish for_authority{.names = {}, .subject = "root", .is_authority = true};

client_setup trusting(const test_certificate& root) {
    client_setup setup;
    setup.trust = std::make_shared<const tls_client>(root.certificate());
    setup.keeps_after_bodies = true;
    return setup;
}

struct scene {
    explicit scene(const certificate_wish& wish = {.names = {"127.0.0.1", "a.test"}}) : own(wish, &root) {
        show(own);
    }
    void show(const test_certificate& c) { server.speak_tls({c.certificate(), c.key()}); }

    std::string url(const std::string& host = "127.0.0.1") const {
        return "https://" + host + ":" + std::to_string(server.port()) + "/hook?a=1";
    }
    std::string post(const std::string& body = "[]") { return calls.ask(call_fixture::post_of(url(), body)); }
    std::string get() { return calls.get(url()); }

    test_certificate root{for_authority};
    test_certificate own;
    call_fixture calls{trusting(root)};
    action answer{"HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n"};
    raw_server server{calls.loop, [this](int, const std::string&) { return answer; }};
};

}  // namespace

TEST_CASE("a call to an https:// URL is sent to a peer with a certificate for its host") {
    scene s;
    CHECK(s.post() == "204");
    const auto authority = "127.0.0.1:" + std::to_string(s.server.port());
    CHECK(s.server.requests().at(0) == "POST /hook?a=1 HTTP/1.1\r\nHost: " + authority +
                                           "\r\nUser-Agent: distd\r\nContent-Type: application/json\r\n"
                                           "Content-Length: 2\r\n\r\n[]");
}

TEST_CASE("a connection with TLS is kept, and is another one than without") {
    scene s;
    for (int i = 0; i < 5; ++i) CHECK(s.post() == "204");
    CHECK(s.calls.core->pool.idle_connections() == 1);
    CHECK(s.server.connections() == 1);
    raw_server both(s.calls.loop, always(ok));
    CHECK(s.calls.get(both.url()) == "200");
    both.speak_tls({s.own.certificate(), s.own.key()});
    CHECK(s.calls.get(both.url()) == "200");
    CHECK(both.connections() == 2);
}

TEST_CASE("a name is looked up, and its certificate has to be for that name") {
    scene s;
    const auto ask = [&](const std::string& host) {
        const auto told = s.calls.start(call_fixture::get_of(s.url(host)));
        s.calls.run_until([&] { return !s.calls.asked.empty(); });
        s.calls.asked.back().second({boost::asio::ip::make_address("127.0.0.1")});
        s.calls.asked.clear();
        s.calls.run_until([&] { return !told->empty(); });
        return *told;
    };
    CHECK(ask("a.test") == "204");
    CHECK(ask("b.test") == text_of(errc::untrusted));
    CHECK(s.server.requests().size() == 1);
}

TEST_CASE("nothing is sent to a peer whose certificate is not valid, or for another host, or of a stranger") {
    scene s;
    const test_certificate stranger(for_authority);
    const test_certificate other_host({.names = {"127.0.0.2", "localhost"}}, &s.root);
    const test_certificate of_stranger({.names = {"127.0.0.1"}}, &stranger);
    const test_certificate over({.names = {"127.0.0.1"}, .until = 1'700'000'000}, &s.root);
    const test_certificate its_own({.names = {"127.0.0.1"}});
    for (const auto* c : {&other_host, &of_stranger, &over, &its_own}) {
        s.show(*c);
        CHECK(s.post() == text_of(errc::untrusted));
    }
    CHECK(s.server.requests().empty());
    CHECK(s.calls.core->pool.idle_connections() == 0);
}

TEST_CASE("a peer that speaks no TLS is no peer of an https:// URL") {
    scene s;
    raw_server plain(s.calls.loop, always(ok));
    const auto url = "https://127.0.0.1:" + std::to_string(plain.port());
    const auto told = s.calls.start(call_fixture::get_of(url));
    s.calls.run_until([&] { return plain.connections() == 1; });
    plain.say(0, "HTTP/1.1 400 Bad Request\r\n\r\n");
    s.calls.run_until([&] { return !told->empty(); });
    CHECK(*told == text_of(errc::bad_answer));
    CHECK(plain.requests().empty());
}

TEST_CASE("a peer that says nothing to a handshake costs the connect deadline") {
    scene s;
    raw_server silent(s.calls.loop, always(""));
    const auto told =
        s.calls.start(call_fixture::get_of("https://127.0.0.1:" + std::to_string(silent.port())));
    s.calls.run_until([&] { return silent.connections() == 1; });
    for (int i = 0; i < 10 && told->empty(); ++i) s.calls.time.advance(milliseconds(150));
    CHECK(*told == text_of(errc::unreachable));
}

TEST_CASE("long bodies pass in both directions") {
    scene s;
    const std::string long_body(300'000, 'x');
    s.answer.say = "HTTP/1.1 200 X\r\nContent-Length: 300000\r\n\r\n" + long_body;
    auto r = call_fixture::post_of(s.url(), long_body);
    r.answer_limit = 1 << 20;
    r.keep = answer_reader::keep::everything;
    std::string body;
    r.to = s.calls.core->target(r.url);
    client_call::start(s.calls.core, std::move(r), [&](const result<reply>& a) {
        REQUIRE(a);
        body = a->body;
    });
    s.calls.run_until([&] { return !body.empty(); });
    CHECK(body == long_body);
    CHECK(s.server.requests().at(0).ends_with(long_body));
}

TEST_CASE("an answer that somebody cuts off is not taken for a whole one") {
    scene s;
    s.answer = {"HTTP/1.1 200 X\r\n\r\nhalf", true};
    s.answer.without_goodbye = true;
    CHECK(s.post() == text_of(errc::connection_lost));
    s.answer = {"HTTP/1.1 200 X\r\n\r\nwhole", true};
    CHECK(s.post() == "200");
}

TEST_CASE("an answer in any pieces comes whole") {
    for (const std::size_t step : {1000U, 16'384U, 70'000U}) {
        scene s;
        const std::string body(300'000, 'y');
        s.answer = {"HTTP/1.1 200 X\r\nContent-Length: 300000\r\n\r\n" + body};
        s.answer.piece_bytes = step;
        auto r = call_fixture::get_of(s.url());
        r.answer_limit = 1 << 20;
        CHECK(s.calls.ask(std::move(r)) == "200");
    }
}

TEST_CASE("without an authority to trust https:// URLs are bad addresses") {
    call_fixture calls;
    CHECK(calls.get("https://127.0.0.1:1/") == text_of(errc::bad_address));
}
