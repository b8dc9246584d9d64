// Deferred responses to requests that give up their buffers meanwhile.
#include <catch2/catch.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "http/deferring_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("a deferred response is like any other, and the connection goes on") {
    deferring_server s;
    s.start();
    auto peer = s.connect();
    for (std::size_t i = 0; i < 3; ++i) {
        peer.send(get_request("/later/a?x=1", "X-Tag: t\r\n"));
        CHECK(peer.is_silent());
        REQUIRE(s.waiting.size() == i + 1);
        CHECK(s.waiting[i].shown == "a|1|t|");
        CHECK(s.waiting[i].answer.is_wanted());
        s.answer(i, http::response::text(200, "then"));
        CHECK_FALSE(s.waiting[i].answer.is_wanted());
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200 OK") && EndsWith("then") &&
                                           Contains("X-Request-Id: " + s.waiting[i].id));
    }
    peer.send(get_request("/now"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
}

TEST_CASE("a request without buffers shows its body, whether it came at once or in pieces") {
    deferring_server s;
    s.start();
    auto peer = s.connect();
    peer.send("POST /later/b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    static_cast<void>(peer.is_silent());
    REQUIRE(s.waiting.size() == 1);
    CHECK(s.waiting[0].shown == "b|||hello");
    s.answer(0, http::response(204));
    CHECK_THAT(peer.read_some(), StartsWith("HTTP/1.1 204"));
    peer.send("POST /later/c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n");
    static_cast<void>(peer.is_silent());
    peer.send("2\r\nlo\r\n0\r\n\r\n");
    static_cast<void>(peer.is_silent());
    REQUIRE(s.waiting.size() == 2);
    CHECK(s.waiting[1].shown == "c|||hello");
    s.answer(1, http::response(204));
}

TEST_CASE("what was pipelined around a request without buffers is answered in order") {
    deferring_server s;
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/now") + get_request("/later/a") + get_request("/later/b") + get_request("/now"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
    CHECK(peer.is_silent());
    REQUIRE(s.waiting.size() == 1);
    s.answer(0, http::response::text(200, "first"));
    CHECK_THAT(peer.read_answer(), EndsWith("first"));
    CHECK(peer.is_silent());
    REQUIRE(s.waiting.size() == 2);
    s.answer(1, http::response::text(200, "second"));
    CHECK_THAT(peer.read_answer(), EndsWith("second"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
}

TEST_CASE("a client that leaves is noticed while its request has no buffers") {
    deferring_server s;
    s.start();
    {
        auto first = s.connect();
        first.send(get_request("/later/a") + get_request("/later/b"));
        static_cast<void>(first.is_silent());
        s.answer(0, http::response::text(200, "one"));
        CHECK_THAT(first.read_answer(), EndsWith("one"));
        CHECK(s.server->connections() == 1);
    }
    s.pump();
    REQUIRE(s.waiting.size() == 2);
    CHECK_FALSE(s.waiting[1].answer.is_wanted());
    CHECK(s.server->connections() == 0);
    s.answer(1, http::response::text(200, "nobody hears it"));
}

TEST_CASE("headers of a deferred response are added to the one that is given") {
    const auto how = GENERATE(http::buffers::keep, http::buffers::release);
    server_fixture s;
    std::optional<http::pending_answer> kept;
    s.get("/later", [&](http::request) {
        http::handler_result r =
            http::deferred(how, [&](http::request, http::pending_answer a) { kept.emplace(std::move(a)); });
        r.header("X-Who", "me");
        return r;
    });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/later"));
    static_cast<void>(peer.is_silent());
    kept->give(http::response::text(200, "x").header("X-Also", "you"));
    s.pump();
    CHECK_THAT(peer.read_answer(), Contains("X-Who: me\r\n") && Contains("X-Also: you\r\n"));
}

TEST_CASE(
    "whoever is to give the response is notified once when the client leaves, and not after it was given") {
    deferring_server s;
    s.start();
    int notified = 0;
    {
        auto peer = s.connect();
        peer.send(get_request("/later/a"));
        static_cast<void>(peer.is_silent());
        s.waiting[0].answer.on_gone([&] { notified += 100; });
        s.answer(0, http::response::text(200, "a"));
        peer.send(get_request("/later/b"));
        static_cast<void>(peer.is_silent());
        s.waiting[1].answer.on_gone([&] { ++notified; });
    }
    s.pump();
    CHECK(notified == 1);
}

TEST_CASE("requests without buffers are answered when the service stops, and new ones at once") {
    deferring_server s;
    s.start();
    auto peer = s.connect();
    auto behind = s.connect();
    peer.send(get_request("/later/a"));
    static_cast<void>(peer.is_silent());
    s.server->drain();
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 503") && Contains("Connection: close"));
    CHECK_FALSE(s.waiting[0].answer.is_wanted());
}

TEST_CASE("a server that ends drops deferred responses") {
    std::optional<http::pending_answer> kept;
    {
        server_fixture s;
        s.get("/later", [&](http::request) {
            return http::deferred(http::buffers::release,
                                  [&](http::request, http::pending_answer a) { kept.emplace(std::move(a)); });
        });
        s.start();
        auto peer = s.connect();
        peer.send(get_request("/later"));
        static_cast<void>(peer.is_silent());
        REQUIRE(kept);
        CHECK(kept->is_wanted());
    }
    CHECK_FALSE(kept->is_wanted());
}

TEST_CASE("a deferred response that nobody gives is 503, and one that fails to begin is 500") {
    server_fixture s;
    s.get("/dropped", [](http::request) {
        return http::deferred(http::buffers::release, [](http::request, http::pending_answer) {});
    });
    s.get("/failing", [](http::request) {
        return http::deferred(http::buffers::release,
                              [](http::request, http::pending_answer) { throw std::runtime_error("no"); });
    });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/dropped"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 503"));
    peer.send(get_request("/failing"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500"));
}

TEST_CASE("a deferred response may be unchanged, large, or a stream") {
    deferring_server s;
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/later/a", "If-None-Match: \"v1\"\r\n"));
    static_cast<void>(peer.is_silent());
    s.answer(0, http::response::text(200, "same").etag("v1"));
    CHECK_THAT(peer.read_some(), StartsWith("HTTP/1.1 304"));

    peer.send(get_request("/later/b"));
    static_cast<void>(peer.is_silent());
    const std::string large(3 << 20, 'x');
    s.answer(1, http::response::text(200, large));
    CHECK_THAT(peer.read_answer(), EndsWith("\r\n\r\n" + large));

    peer.send(get_request("/later/c", "Connection: close\r\n"));
    static_cast<void>(peer.is_silent());
    s.answer(2, http::response::stream(200, "text/plain", [](http::body_writer out) -> task<> {
                 if (auto sent = co_await out.write("piece"); !sent) co_return;
             }));
    CHECK_THAT(peer.read_until_close(), Contains("chunked") && Contains("5\r\npiece\r\n0\r\n\r\n"));
}
