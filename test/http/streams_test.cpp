// Answers that are written piece by piece: how they are framed, and what ends them.
#include <catch2/catch.hpp>
#include <stdexcept>

#include "http/handlers.hpp"
#include "support/server_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;

task<> three_pieces(http::body_writer out) {
    for (const char* piece : {"one,", "two,", "three"})
        if (auto sent = co_await out.write(piece); !sent) co_return;
}

task<> two_events(http::body_writer out) {
    static_cast<void>(co_await out.event("first\nline two", "7", "change"));
    static_cast<void>(co_await out.comment("still here"));
}

task<> one_event(http::body_writer out, std::string data) {
    static_cast<void>(co_await out.event(std::move(data), "7"));
}

task<> one_shared_event(http::body_writer out, http::shared_text data) {
    static_cast<void>(co_await out.event(std::move(data), "7"));
}

task<> fails_half_way(http::body_writer out) {
    static_cast<void>(co_await out.write("some"));
    throw std::runtime_error("broken");
}

}  // namespace

TEST_CASE("an answer is streamed in chunks, until close for HTTP/1.0, and as a head only for HEAD") {
    server_fixture s;
    s.get("/s", [](http::request) { return http::response::stream(200, "text/plain", three_pieces); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/s")),
               Contains("Transfer-Encoding: chunked") &&
                   EndsWith("4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\n\r\n"));
    CHECK_THAT(s.exchange("GET /s HTTP/1.0\r\n\r\n"),
               !Contains("chunked") && Contains("Connection: close") && EndsWith("\r\n\r\none,two,three"));
    CHECK_THAT(s.exchange("HEAD /s HTTP/1.1\r\nHost: a\r\n\r\n"), EndsWith("\r\n\r\n"));
    auto peer = s.connect();
    peer.send(get_request("/s") + get_request("/s", "Connection: close\r\n"));
    CHECK_THAT(peer.read_until_close(), Contains("0\r\n\r\nHTTP/1.1 200"));
}

TEST_CASE("events carry id, name and every line of their data, and are flushed one by one") {
    server_fixture s;
    s.get("/e", [](http::request) { return http::response::events(two_events); });
    s.start();
    const auto answer = s.exchange(get_request("/e"));
    CHECK_THAT(answer, Contains("Content-Type: text/event-stream") &&
                           Contains("id: 7\nevent: change\ndata: first\ndata: line two\n\n") &&
                           Contains(": still here\n\n"));
}

TEST_CASE("an event whose data many streams share reads like any other, small or large") {
    const auto data = GENERATE(std::string("small"), std::string("two\nlines\n"), std::string(100'000, 'd'));
    server_fixture s;
    s.get("/own", [&](http::request) {
        return http::response::events([&](http::body_writer w) { return one_event(w, data); });
    });
    const auto shared = std::make_shared<const std::string>(data);
    s.get("/shared", [&](http::request) {
        return http::response::events([&](http::body_writer w) { return one_shared_event(w, shared); });
    });
    s.start();
    const auto body_of = [](const std::string& answer) { return answer.substr(answer.find("\r\n\r\n")); };
    for (const std::string version : {"1.1", "1.0"}) {
        const auto rest = " HTTP/" + version + "\r\nHost: a\r\n\r\n";
        const auto own = body_of(s.exchange("GET /own" + rest));
        CHECK(own.size() > data.size() + 10);
        CHECK(body_of(s.exchange("GET /shared" + rest)) == own);
    }
}

TEST_CASE("a stream ends when its reader leaves, and a failing stream is cut off visibly") {
    server_fixture s;
    bool ended = false;
    s.get("/e", [&](http::request) {
        return http::response::events(
            [&](http::body_writer w) { return tick_for_ever(w, &ended, s.loop.get_executor(), &s.time); });
    });
    s.get("/broken", [](http::request) { return http::response::stream(200, "text/plain", fails_half_way); });
    s.start();
    auto peer = s.connect();
    peer.send(get_request("/e"));
    CHECK_THAT(peer.read_some(), Contains("data: tick"));
    s.time.advance(seconds(5));
    CHECK_THAT(peer.read_some(), Contains("data: tick"));
    peer.reset();
    s.pump();
    CHECK(ended);
    CHECK(s.server->connections() == 0);
    CHECK_THAT(s.exchange(get_request("/broken")), EndsWith("4\r\nsome\r\n"));
    auto old = s.connect();
    old.send("GET /broken HTTP/1.0\r\n\r\n");
    static_cast<void>(old.read_until_close());
    CHECK(old.was_reset());
}
