// What is particular to connections with TLS. Everything else holds for them as for others: the whole suite
// runs over TLS, too, with DISTD_TEST_TLS=1.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <list>
#include <random>
#include <string>

#include "http/handlers.hpp"
#include "support/server_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

struct tls_server_fixture : server_fixture {
    tls_server_fixture() { show_any_certificate(); }

    // Clients of that port have to bring their own TLS.
    std::uint16_t start_unknown(http::server_setup setup = {}) {
        start(std::move(setup));
        forget_tls_at(port());
        return port();
    }
    std::uint64_t failures(const std::string& reason) {
        return counters.count("distd_tls_handshake_failures_total", "", {{"reason", reason}}).value();
    }
};

task<> waits_for_ever(http::body_writer out, alarm_clock* bell, bool* ended) {
    struct at_end {
        bool* ended;
        ~at_end() { *ended = true; }
    } guard{ended};
    static_cast<void>(co_await out.comment("here"));
    co_await bell->wait();
}

// At /e: a stream that goes on until its client leaves; `ended` says that it has.
void serve_stream(tls_server_fixture& s, alarm_clock& bell, bool& ended) {
    s.get("/e", [&](http::request) {
        return http::response::events(
            [&](http::body_writer out) { return waits_for_ever(out, &bell, &ended); });
    });
    s.start();
}

}  // namespace

TEST_CASE("a request is answered over TLS, and a goodbye ends the connection") {
    tls_server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "a"); });
    s.start();
    auto peer = s.connect();
    REQUIRE(peer.tls()->is_open());
    for (int i = 0; i < 3; ++i) {
        peer.send(get_request("/a"));
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\na"));
    }
    peer.send(get_request("/a", "Connection: close\r\n"));
    CHECK_THAT(peer.read_until_close(), EndsWith("\r\n\r\na"));
    CHECK(peer.tls()->was_told_goodbye());
}

TEST_CASE("a request without TLS gets an answer in plain text that says https") {
    tls_server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "a"); });
    const auto port = s.start_unknown();
    raw_peer peer(port, [&] { s.pump(); });
    peer.send(get_request("/a"));
    CHECK_THAT(peer.read_until_close(),
               StartsWith("HTTP/1.1 400") && Contains("https://") && Contains("Connection: close"));
    CHECK(s.failures("plain_http") == 1);
}

TEST_CASE("what cannot be read is answered as what came over TLS, or without, whoever was answered before") {
    tls_server_fixture s;
    s.routes.set_strict_transport("max-age=60");
    s.get("/a", [](http::request) { return http::response::text(200, "a"); });
    s.start();
    const auto port = s.port();
    const auto ask = [&](const std::string& bytes, bool has_tls) {
        has_tls ? speak_tls_at(port) : forget_tls_at(port);
        return s.exchange(bytes);
    };
    const std::string strict = "Strict-Transport-Security: max-age=60\r\n";
    CHECK_THAT(ask("rubbish\r\n\r\n", true), StartsWith("HTTP/1.1 400") && Contains(strict));
    CHECK_THAT(ask(get_request("/a"), true), StartsWith("HTTP/1.1 200") && Contains(strict));
    CHECK_THAT(ask(get_request("/a"), false), StartsWith("HTTP/1.1 400") && !Contains("Strict-Transport"));
    CHECK_THAT(ask("rubbish\r\n\r\n", true), StartsWith("HTTP/1.1 400") && Contains(strict));
}

TEST_CASE("a client that sends a certificate, which nobody asked for, is cut off and counted") {
    tls_server_fixture s;
    const auto port = s.start_unknown();
    raw_peer peer(port, [&] { s.pump(); });
    // In TLS 1.2, where it is sent in clear text.
    tls_peer tls(tls_wish{.max_version = 0x0303});
    peer.send(tls.give());
    while (peer.is_silent()) {}
    static_cast<void>(peer.read_some());
    const std::string record_of_an_empty_one("\x16\x03\x03\x00\x07\x0b\x00\x00\x03\x00\x00\x00", 12);
    peer.send(record_of_an_empty_one);
    const auto alert = peer.read_until_close();
    CHECK_THAT(alert, StartsWith(std::string("\x15\x03\x03\x00\x02\x02", 6)));
    CHECK(s.server->connections() == 0);
    CHECK(s.failures("broken") == 1);
}

TEST_CASE("a handshake has as long as a head, from the beginning, whatever comes of it") {
    tls_server_fixture s;
    const auto port = s.start_unknown();
    raw_peer peer(port, [&] { s.pump(); });
    tls_peer tls;
    const auto hello = tls.give();
    for (int i = 0; i < 9; ++i) {
        peer.send(hello.substr(static_cast<std::size_t>(i), 1));
        s.time.advance(seconds(1));
        CHECK(s.server->connections() == 1);
    }
    s.time.advance(seconds(3));
    CHECK(s.server->connections() == 0);
    CHECK(peer.read_until_close().empty());
    CHECK(s.failures("timed_out") == 1);
}

TEST_CASE("after the handshake the first request has what is left of that time") {
    tls_server_fixture s;
    s.start();
    auto peer = s.connect();
    s.time.advance(seconds(9));
    CHECK(s.server->connections() == 1);
    s.time.advance(seconds(3));
    CHECK(s.server->connections() == 0);
}

TEST_CASE("what is no request does not keep an idle connection") {
    tls_server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "a"); });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/a"));
    static_cast<void>(peer.read_answer());
    for (int i = 0; i < 7; ++i) {
        s.time.advance(seconds(10));
        peer.tls()->renew_keys();
        peer.send("");
        CHECK(s.server->connections() == 1);
    }
    s.time.advance(seconds(10));
    CHECK(s.server->connections() == 0);
    CHECK(peer.read_until_close().empty());
    CHECK(peer.tls()->was_told_goodbye());
}

TEST_CASE("over the cap a connection with TLS is closed without a word") {
    tls_server_fixture s;
    std::list<http::pending_answer> busy;
    s.get("/busy", [&](http::request) {
        return http::deferred(http::buffers::keep,
                              [&](http::request, http::pending_answer a) { busy.push_back(std::move(a)); });
    });
    http::server_setup setup;
    setup.max_connections = 1;
    setup.source_share = 100;
    s.start(setup);
    auto first = s.connect();
    first.send(get_request("/busy"));
    s.pump();
    REQUIRE(busy.size() == 1);
    auto second = s.connect();
    CHECK(second.read_until_close().empty());
    CHECK_FALSE(second.tls()->is_open());
    CHECK(first.tls()->is_open());
    busy.clear();
}

TEST_CASE("an answer that is cut off has no goodbye behind it") {
    tls_server_fixture s;
    s.get("/broken", [](http::request) {
        return http::response::stream(200, "text/plain", [](http::body_writer out) -> task<> {
            static_cast<void>(co_await out.write("some"));
            throw std::runtime_error("broken");
        });
    });
    s.start();
    const auto way = GENERATE(as<std::string>(), "GET /broken HTTP/1.1\r\nHost: a\r\n\r\n",
                              "GET /broken HTTP/1.0\r\n\r\n");
    auto peer = s.connect();
    peer.send(way);
    CHECK_THAT(peer.read_until_close(), Contains("some") && !EndsWith("0\r\n\r\n"));
    CHECK_FALSE(peer.tls()->was_told_goodbye());
}

TEST_CASE("a stream ends when its client leaves, however it does so") {
    tls_server_fixture s;
    alarm_clock bell(s.loop.get_executor(), s.time);
    bool ended = false;
    serve_stream(s, bell, ended);
    auto peer = s.connect();
    peer.send(get_request("/e"));
    while (peer.read_some().find("here") == std::string::npos) {}
    SECTION("with a goodbye and a close") { peer.finish_sending(); }
    SECTION("with a goodbye first") {
        peer.say_goodbye_only();
        s.pump();
        peer.finish_sending();
    }
    SECTION("with a goodbye alone") { peer.say_goodbye_only(); }
    SECTION("with new keys before a goodbye alone") {
        peer.tls()->renew_keys();
        peer.send("");
        s.pump();
        CHECK_FALSE(ended);
        peer.say_goodbye_only();
    }
    SECTION("with a reset") { peer.reset(); }
    s.pump();
    CHECK(ended);
}

TEST_CASE("two bytes of a next request, as long as a goodbye, do not end a stream") {
    tls_server_fixture s;
    alarm_clock bell(s.loop.get_executor(), s.time);
    bool ended = false;
    serve_stream(s, bell, ended);
    auto peer = s.connect();
    peer.send(get_request("/e"));
    while (peer.read_some().find("here") == std::string::npos) {}
    peer.send("GE");
    s.time.advance(seconds(2));
    CHECK_FALSE(ended);
    bell.wake();
    s.pump();
    CHECK(ended);
}

TEST_CASE("requests in any cuts, with the sweep in between, are all answered") {
    std::mt19937 chance(20261130);
    tls_server_fixture s;
    s.post("/echo", [](http::request q) { return http::response::text(200, std::string(q.body())); });
    const auto port = s.start_unknown();
    // 50,000 of them are 3,000,000 requests: for a long run by hand.
    const char* const wanted = std::getenv("DISTD_TEST_ROUNDS");
    const int rounds = wanted ? std::atoi(wanted) : 40;
    constexpr int requests = 60;
    for (int round = 0; round < rounds; ++round) {
        raw_peer wire(port, [&] { s.pump(); });
        tls_peer tls;
        std::string unsent;
        std::string answers;
        std::string expected;
        for (int i = 0; i < requests; ++i) {
            const std::string body(1 + chance() % (i % 10 == 0 ? 40'000 : 300),
                                   static_cast<char>('a' + i % 26));
            tls.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\n\r\n" + body);
            expected += body;
            unsent += tls.give();
            while (chance() % 3 != 0 || (i == requests - 1 && !unsent.empty())) {
                const auto n = std::min<std::size_t>(unsent.size(), 1 + chance() % 2000);
                REQUIRE(wire.send(std::string_view(unsent).substr(0, n)));
                unsent.erase(0, n);
                while (!wire.is_silent()) tls.take(wire.read_some());
                answers += tls.heard();
                unsent += tls.give();
                if (chance() % 50 == 0) s.time.advance(seconds(1));
            }
        }
        for (int i = 0; i < 20 && std::count(answers.begin(), answers.end(), 'H') < requests; ++i) {
            while (!wire.is_silent()) tls.take(wire.read_some());
            answers += tls.heard();
        }
        std::string bodies;
        for (std::size_t at = 0; (at = answers.find("Content-Length: ", at)) != std::string::npos;) {
            const auto size = std::strtoul(answers.c_str() + at + 16, nullptr, 10);
            const auto begin = answers.find("\r\n\r\n", at) + 4;
            bodies += answers.substr(begin, size);
            at = begin + size;
        }
        REQUIRE(bodies == expected);
    }
}
