// How long the server waits for a client that is slow to speak or to listen: each wait has its end.
#include <catch2/catch.hpp>
#include <string>

#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::StartsWith;

TEST_CASE("a head that drips in is ended at its absolute deadline with 408") {
    server_fixture s;
    s.start();
    auto peer = s.connect();
    peer.send("GET / HTTP/1.1\r\n");
    for (int i = 0; i < 9; ++i) {
        s.time.advance(seconds(1));
        peer.send("A: b\r\n");
        REQUIRE(peer.is_silent());
    }
    s.time.advance(seconds(3));
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 408"));
}

TEST_CASE("an idle connection is closed without a word, but only when its time is over") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response(200); });
    s.start();
    auto silent = s.connect();
    auto used = s.connect();
    used.send(get_request("/a"));
    static_cast<void>(used.read_answer());
    s.time.advance(seconds(70));
    CHECK(used.is_silent());
    s.time.advance(seconds(10));
    CHECK(used.read_until_close().empty());
    CHECK(silent.read_until_close().empty());
    CHECK(s.server->connections() == 0);
}

TEST_CASE("a body that stalls or only drips is ended with 408") {
    server_fixture s;
    s.post("/echo", [](http::request) { return http::response(200); });
    s.start();
    auto stalled = s.connect();
    stalled.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nsome");
    s.time.advance(seconds(32));
    CHECK_THAT(stalled.read_until_close(), StartsWith("HTTP/1.1 408"));
    auto dripping = s.connect();
    dripping.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
    int drops = 0;
    for (; drops < 100 && dripping.is_silent(); ++drops) {
        dripping.send("x");
        s.time.advance(seconds(10));
    }
    CHECK(drops < 10);
    CHECK_THAT(dripping.read_until_close(), StartsWith("HTTP/1.1 408"));
}

TEST_CASE("a client that takes nothing of its answer is dropped") {
    server_fixture s;
    const std::string big(32 << 20, 'b');
    s.get("/big", [&](http::request) { return http::response::text(200, big); });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/big"));
    s.time.advance(seconds(33));
    CHECK(s.server->connections() == 0);
}
