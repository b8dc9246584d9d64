// Deferred responses to requests that keep their buffers: nobody looks meanwhile whether the client has left.
// And what holds for requests with and without buffers: who goes on by a coroutine, or fails.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/deferring_server.hpp"

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

TEST_CASE(
    "a deferred response with buffers is like any other, and what was pipelined around it stays in order") {
    deferring_server s;
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

TEST_CASE("a request with buffers shows a body that came in pieces, and large answers go out whole") {
    deferring_server s;
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

TEST_CASE("a client that leaves before its deferred response costs nobody anything") {
    deferring_server s;
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

TEST_CASE("a stop waits for deferred responses with buffers, and one that is forced drops them") {
    deferring_server s;
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

TEST_CASE("with buffers, too, a deferred response that nobody gives is 503, and one that fails is 500") {
    server_fixture s;
    s.get("/dropped", [](http::request) {
        return http::deferred(http::buffers::keep, [](http::request, http::pending_answer) {});
    });
    s.get("/failing", [](http::request) {
        return http::deferred(http::buffers::keep,
                              [](http::request, http::pending_answer) { throw std::runtime_error("no"); });
    });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/dropped") + get_request("/failing") + get_request("/dropped"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 503"));
}

namespace {

task<http::response> tag_it(http::request q) {
    co_return http::response::text(200, "found " + std::string(q.header("X-Tag")) + std::string(q.body()));
}

task<http::response> fail_later(http::request) {
    throw std::runtime_error("no");
    co_return http::response(200);
}

// Its requests wait, and go on by a coroutine.
struct going_on : server_fixture {
    explicit going_on(http::buffers how) {
        post("/a", [this, how](http::request) {
            http::handler_result r = http::deferred(
                how, [this](http::request, http::pending_answer a) { waiting.push_back(std::move(a)); });
            r.header("X-Who", "me");
            return r;
        });
        start();
    }
    ~going_on() { waiting.clear(); }

    std::vector<http::pending_answer> waiting;
};

}  // namespace

TEST_CASE("a deferred response may be found by a coroutine, with all that the request shows") {
    going_on s(GENERATE(http::buffers::keep, http::buffers::release));
    auto peer = s.connect();
    const auto ask = [](const char* body) {
        return "POST /a HTTP/1.1\r\nHost: a\r\nX-Tag: t\r\nContent-Length: 3\r\n\r\n" + std::string(body);
    };
    peer.send(ask("one") + ask("two"));
    CHECK(peer.is_silent());
    for (const std::string body : {"one", "two"}) {
        const auto i = s.waiting.size() - 1;
        s.waiting[i].go_on(&tag_it);
        CHECK_FALSE(s.waiting[i].is_wanted());
        CHECK_THAT(peer.read_answer(), EndsWith("found t" + body) && Contains("X-Who: me\r\n"));
    }
    peer.send(ask("six"));
    CHECK(peer.is_silent());
    s.waiting[2].give(http::response::text(200, "given"));
    s.pump();
    CHECK_THAT(peer.read_answer(), EndsWith("given"));
}

TEST_CASE("a deferred response that fails, at once or in its coroutine, is 500, and the connection goes on") {
    going_on s(GENERATE(http::buffers::keep, http::buffers::release));
    auto peer = s.connect();
    peer.send(post("/a", "x"));
    CHECK(peer.is_silent());
    if (GENERATE(false, true))
        s.waiting[0].fail("no");
    else
        s.waiting[0].go_on(&fail_later);
    s.pump();
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500") && Contains("X-Who: me\r\n"));
    peer.send(post("/a", "x"));
    CHECK(peer.is_silent());
    s.waiting[1].give(http::response::text(200, "given"));
    s.pump();
    CHECK_THAT(peer.read_answer(), EndsWith("given"));
}
