// How long the server waits for a client that is slow to speak or to listen: each wait has its end.
#include <catch2/catch.hpp>
#include <string>

#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::StartsWith;

namespace {

task<http::response> read_all(http::request q) {
    for (;;) {
        const auto piece = co_await q.read_some();
        if (!piece || piece->empty()) break;
    }
    co_return http::response(200);
}

}  // namespace

TEST_CASE("a slow head is answered with 408 at its absolute deadline") {
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

TEST_CASE("an idle connection is closed silently after its timeout, not before") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response(200); });
    s.start();
    auto used = s.connect();
    used.send(get_request("/a"));
    static_cast<void>(used.read_answer());
    s.time.advance(seconds(70));
    CHECK(used.is_silent());
    s.time.advance(seconds(10));
    CHECK(used.read_until_close().empty());
    CHECK(s.server->connections() == 0);
}

TEST_CASE("a connection that never sends a byte has the timeout of a head") {
    server_fixture s;
    s.start();
    auto silent = s.connect();
    s.time.advance(seconds(8));
    CHECK(silent.is_silent());
    s.time.advance(seconds(4));
    CHECK(silent.read_until_close().empty());
    CHECK(s.server->connections() == 0);
}

TEST_CASE("a buffered body has five minutes, however steadily it arrives") {
    server_fixture s;
    http::route_options streams;
    streams.streams_body = true;
    s.post("/kept", [](http::request) { return http::response(200); });
    s.post(
        "/passed", [](http::request q) { return read_all(q); }, streams);
    s.start();
    const std::string rest = " HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    auto kept = s.connect();
    auto passed = s.connect();
    kept.send("POST /kept" + rest);
    passed.send("POST /passed" + rest);
    const std::string piece(20'000, 'x');  // every ten seconds: four times the least rate
    int pieces = 0;
    for (; pieces < 49 && kept.is_silent(); ++pieces) {
        kept.send(piece);
        passed.send(piece);
        s.time.advance(seconds(10));
    }
    CHECK(pieces > 28);
    CHECK(pieces < 33);
    CHECK_THAT(kept.read_until_close(), StartsWith("HTTP/1.1 408"));
    CHECK(passed.is_silent());
}

TEST_CASE("a stalled or slow body is answered with 408") {
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

TEST_CASE("a client that does not read its answer is disconnected") {
    server_fixture s;
    const std::string big(32 << 20, 'b');
    s.get("/big", [&](http::request) { return http::response::text(200, big); });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/big"));
    s.time.advance(seconds(33));
    CHECK(s.server->connections() == 0);
}
