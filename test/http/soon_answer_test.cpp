// Requests whose answers come soon, so that nobody looks meanwhile whether the client has left.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "http/later_server.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

std::string post(const std::string& target, const std::string& body) {
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("an answer that comes soon is like any other, and what was pipelined around it stays in order") {
    later_server s;
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/now") + post("/soon/a", "x") + post("/soon/b", "y") + get_request("/now"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
    CHECK(peer.is_silent());
    REQUIRE(s.waiting.size() == 1);
    CHECK(s.waiting[0].shown == "a|x");
    s.answer(0, http::response::text(200, "first").header("X-A", "1"));
    CHECK_THAT(peer.read_answer(),
               EndsWith("first") && Contains("X-A: 1\r\n") && Contains("X-Request-Id: " + s.waiting[0].id));
    REQUIRE(s.waiting.size() == 2);
    CHECK(s.waiting[1].shown == "b|y");
    s.answer(1, http::response::text(200, "second"));
    CHECK_THAT(peer.read_answer(), EndsWith("second"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
}

TEST_CASE(
    "a request that is answered soon shows a body that came in pieces, and large answers go out whole") {
    later_server s;
    s.start();
    auto peer = s.connect();
    peer.send("POST /soon/c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n");
    static_cast<void>(peer.is_silent());
    peer.send("2\r\nlo\r\n0\r\n\r\n");
    static_cast<void>(peer.is_silent());
    REQUIRE(s.waiting.size() == 1);
    CHECK(s.waiting[0].shown == "c|hello");
    const std::string large(3 << 20, 'x');
    s.answer(0, http::response::text(200, large));
    CHECK_THAT(peer.read_answer(), EndsWith("\r\n\r\n" + large));
}

TEST_CASE("a client that leaves before its answer came soon costs nobody anything") {
    later_server s;
    s.start();
    {
        auto peer = s.connect();
        peer.send(post("/soon/a", "x"));
        static_cast<void>(peer.is_silent());
    }
    s.pump();
    REQUIRE(s.waiting.size() == 1);
    s.answer(0, http::response::text(200, "nobody hears it"));
    CHECK(s.server->connections() == 0);
}

TEST_CASE("a stop waits for the answers that come soon, and one that is forced drops them") {
    later_server s;
    s.start();
    auto peer = s.connect();
    auto other = s.connect();
    peer.send(post("/soon/a", "x"));
    other.send(post("/soon/b", "y"));
    static_cast<void>(other.is_silent());
    REQUIRE(s.waiting.size() == 2);
    s.server->drain();
    CHECK(peer.is_silent());
    s.answer(0, http::response::text(200, "done"));
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 200") && Contains("Connection: close"));
    s.server->stop();
    s.pump();
    CHECK_FALSE(s.waiting[1].answer.is_wanted());
    CHECK(s.server->connections() == 0);
}

TEST_CASE(
    "an answer that was to come soon and that nobody gives is 503, and one that fails to begin is 500") {
    server_fixture s;
    s.get("/dropped",
          [](http::request) { return http::response::soon([](http::request, http::pending_answer) {}); });
    s.get("/failing", [](http::request) {
        return http::response::soon(
            [](http::request, http::pending_answer) { throw std::runtime_error("no"); });
    });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/dropped") + get_request("/failing") + get_request("/dropped"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 503"));
}
