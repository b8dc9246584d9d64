// Connections of well-behaved clients: how long each lives, what is answered on it and in which order, and
// how many there may be.
#include <catch2/catch.hpp>
#include <list>
#include <string>

#include "support/server_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

task<http::response> hello(http::request) { co_return http::response::text(200, "hello"); }

}  // namespace

TEST_CASE("a connection is kept alive, or announces Connection: close") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "a"); });
    s.start();
    auto peer = s.connect();
    for (int i = 0; i < 3; ++i) {
        peer.send(get_request("/a"));
        CHECK_THAT(peer.read_answer(),
                   StartsWith("HTTP/1.1 200 OK") && EndsWith("\r\n\r\na") && !Contains("Connection: close"));
    }
    peer.send(get_request("/a", "Connection: close\r\n"));
    CHECK_THAT(peer.read_until_close(), Contains("Connection: close"));
    auto old = s.connect();
    old.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK_THAT(old.read_answer(), Contains("Connection: keep-alive"));
    old.send("GET /a HTTP/1.0\r\n\r\n");
    CHECK_THAT(old.read_until_close(), Contains("Connection: close"));
}

TEST_CASE("a connection answers at once, after a pause, and in between") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "here"); });
    s.start();
    auto peer = s.connect();
    for (const auto pause : {0, 0, 1, 2, 30, 0, 2, 2, 60, 0}) {
        s.time.advance(seconds(pause));
        peer.send(get_request("/a"));
        CHECK_THAT(peer.read_answer(), EndsWith("here"));
    }
    s.time.advance(milliseconds(900));
    peer.send(get_request("/a").substr(0, 10));
    s.time.advance(seconds(2));
    peer.send(get_request("/a").substr(10));
    CHECK_THAT(peer.read_answer(), EndsWith("here"));
    s.time.advance(seconds(70));
    CHECK(peer.is_silent());
    s.time.advance(seconds(10));
    CHECK(peer.read_until_close().empty());
}

TEST_CASE("pipelined requests are answered in order, fast and slow ones mixed") {
    server_fixture s;
    s.get("/quick/{n}", [](http::request q) { return http::response::text(200, "[" + q.param("n") + "]"); });
    s.get("/slow", [](http::request q) { return hello(q); });
    s.post("/echo", [](http::request q) { return http::response::text(200, std::string(q.body())); });
    s.start();
    std::string all;
    for (int i = 0; i < 50; ++i) {
        all += get_request("/quick/" + std::to_string(i)) + get_request("/slow");
        all += "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        all += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz";
    }
    auto peer = s.connect();
    peer.send(all);
    peer.finish_sending();
    const auto answers = peer.read_until_close();
    std::size_t at = 0;
    for (int i = 0; i < 50; ++i)
        for (const auto& body :
             {"[" + std::to_string(i) + "]", std::string("hello"), std::string("abc"), std::string("xyz")}) {
            at = answers.find("\r\n\r\n" + body, at);
            REQUIRE(at != std::string::npos);
            ++at;
        }
}

TEST_CASE("more pipelined requests than one read takes are all answered") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "a"); });
    s.start();
    auto peer = s.connect();
    for (int i = 0; i < 3; ++i) {
        peer.send(get_request("/a"));
        CHECK_THAT(peer.read_answer(), EndsWith("a"));
    }
    constexpr int count = 50;
    std::string all;
    for (int i = 0; i < count; ++i) all += get_request("/a", "X-Long: " + std::string(1000, 'x') + "\r\n");
    peer.send(all);
    for (int i = 0; i < count; ++i) REQUIRE_THAT(peer.read_answer(), EndsWith("\r\n\r\na"));
}

TEST_CASE("over the limit a connection gets 503 with Retry-After and is closed") {
    server_fixture s;
    std::list<http::pending_answer> busy;
    s.get("/a", [](http::request) { return http::response(200); });
    s.get("/busy", [&](http::request) {
        return http::deferred(http::buffers::keep,
                              [&](http::request, http::pending_answer a) { busy.push_back(std::move(a)); });
    });
    http::server_setup setup;
    setup.max_connections = 2;
    s.is_plain = true;  // with TLS it is closed without a word: see tls_test.cpp
    setup.source_share = 100;
    s.start(setup);
    auto first = s.connect();
    auto second = s.connect();
    first.send(get_request("/busy"));
    second.send(get_request("/busy", "Connection: close\r\n"));
    s.pump();
    REQUIRE(busy.size() == 2);
    auto third = s.connect();
    const auto answer = third.read_until_close();
    CHECK_THAT(answer, StartsWith("HTTP/1.1 503") && Contains("Retry-After") &&
                           Contains("limit of open connections"));
    const auto body = answer.substr(answer.find("\r\n\r\n") + 4);
    CHECK_THAT(answer, Contains("Content-Length: " + std::to_string(body.size()) + "\r\n"));
    busy.back().give(http::response(200));
    s.pump();
    CHECK_THAT(s.exchange(get_request("/a")), StartsWith("HTTP/1.1 200"));
    busy.clear();
}

TEST_CASE("a large answer reaches a slow reader completely") {
    server_fixture s;
    const std::string big(8 << 20, 'b');
    s.get("/big", [&](http::request) { return http::response::text(200, big); });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/big") + get_request("/big", "Connection: close\r\n"));
    const auto all = peer.read_until_close();
    CHECK(all.size() > 2 * big.size());
    CHECK(std::count(all.begin(), all.end(), 'b') >= static_cast<std::ptrdiff_t>(2 * big.size()));
}
