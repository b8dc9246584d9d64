// Calls to https:// URLs: only to peers that are who they are said to be, and never in clear.
#include "http/transport/tls_session.hpp"

#include "support/temp_dir.hpp"
#include "support/tls_server.hpp"
#include "unit/http/client/call_fixture.hpp"

using namespace distd;
using namespace distd::http;
using test::tls_authority;
using test::tls_server;

namespace {

client_setup trusting(const tls_authority& a, const test::temp_dir& dir) {
    a.write(dir / "ca.pem");
    client_setup setup;
    setup.trust = std::make_shared<tls_trust>(dir / "ca.pem");
    setup.keeps_after_bodies = true;
    return setup;
}

struct scene {
    explicit scene(const std::string& names = "IP:127.0.0.1,DNS:a.test")
        : server(calls.loop, known, names, [this](const std::string&) { return answer; }) {}

    std::string url(const std::string& host = "127.0.0.1") const {
        return "https://" + host + ":" + std::to_string(server.port()) + "/hook?a=1";
    }
    std::string post(const std::string& body = "[]") { return calls.ask(call_fixture::post_of(url(), body)); }

    test::temp_dir dir;
    tls_authority known;
    call_fixture calls{trusting(known, dir)};
    tls_server::action answer{"HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n"};
    tls_server server;
};

}  // namespace

TEST_CASE("a call to an https:// URL is sent to a peer with a certificate for its host") {
    scene s;
    CHECK(s.post() == "204");
    const auto authority = "127.0.0.1:" + std::to_string(s.server.port());
    CHECK(s.server.requests().at(0) == "POST /hook?a=1 HTTP/1.1\r\nHost: " + authority +
                                           "\r\nUser-Agent: distd\r\nContent-Type: application/json\r\n"
                                           "Content-Length: 2\r\n\r\n[]");
    CHECK(s.calls.core->pool.idle_connections() == 0);
    CHECK(s.post() == "204");
    CHECK(s.server.connections() == 2);
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

TEST_CASE("nothing is sent to a peer whose certificate is for another host, or by another authority") {
    scene named("IP:127.0.0.2,DNS:localhost");
    CHECK(named.post() == text_of(errc::untrusted));
    CHECK(named.server.requests().empty());
    scene s;
    tls_authority stranger;
    tls_server other(s.calls.loop, stranger, "IP:127.0.0.1",
                     [](const std::string&) { return tls_server::action{"HTTP/1.1 200 X\r\n\r\n"}; });
    const auto url = "https://127.0.0.1:" + std::to_string(other.port());
    CHECK(s.calls.get(url) == text_of(errc::untrusted));
    CHECK(other.requests().empty());
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
    s.answer = {"HTTP/1.1 200 X\r\n\r\nhalf", false};
    CHECK(s.post() == text_of(errc::connection_lost));
    s.answer = {"HTTP/1.1 200 X\r\n\r\nwhole", true};
    CHECK(s.post() == "200");
}

TEST_CASE("without an authority to trust https:// URLs are bad addresses") {
    call_fixture calls;
    CHECK(calls.get("https://127.0.0.1:1/") == text_of(errc::bad_address));
}
