// What the server does for well-behaved clients, slow ones and ones that leave.
#include <catch2/catch.hpp>
#include <string>

#include "net/response_writer.hpp"
#include "support/server_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

task<http::response> hello(http::request) { co_return http::response::text(200, "hello"); }

// Waits until somebody leaves; says so.
task<http::response> wait_for_ever(bool* left, executor ex, time_source* time) {
    struct on_exit {
        bool* left;
        ~on_exit() { *left = true; }
    } guard{left};
    distd::alarm_clock bell(ex, *time);
    co_await bell.wait();
    co_return http::response(200);
}

task<> three_pieces(http::body_writer out) {
    for (const char* piece : {"one,", "two,", "three"})
        if (auto sent = co_await out.write(piece); !sent) co_return;
}

task<http::response> count_pieces(http::request q) {
    std::size_t bytes = 0;
    for (;;) {
        auto piece = co_await q.read_some();
        if (!piece) co_return http::response::of(piece.error());
        if (piece->empty()) break;
        bytes += piece->size();
    }
    co_return http::response::text(200, std::to_string(bytes));
}

}  // namespace

TEST_CASE("a connection is kept alive and says when it is not") {
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

TEST_CASE("pipelined requests are answered in order, quick and slow ones mixed") {
    server_fixture s;
    s.get("/quick/{n}", [](http::request q) { return http::response::text(200, "[" + q.param("n") + "]"); });
    s.get_slow("/slow", [](http::request q) { return hello(q); });
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

TEST_CASE("HEAD answers as GET does, without the body") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "four"); });
    s.start();
    const auto answer = s.exchange("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_THAT(answer,
               StartsWith("HTTP/1.1 200") && Contains("Content-Length: 4\r\n") && EndsWith("\r\n\r\n"));
}

TEST_CASE("what is not offered is said with what is") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response(200); });
    s.post("/a", [](http::request) { return http::response(200); });
    s.start();
    CHECK_THAT(s.exchange("DELETE /a HTTP/1.1\r\nHost: a\r\n\r\n"),
               StartsWith("HTTP/1.1 405") && Contains("Allow: GET, HEAD, POST, OPTIONS\r\n") &&
                   Contains("application/problem+json"));
    CHECK_THAT(s.exchange("OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n"),
               StartsWith("HTTP/1.1 204") && Contains("Allow: GET, HEAD, POST, OPTIONS\r\n"));
    CHECK_THAT(s.exchange(get_request("/b")),
               StartsWith("HTTP/1.1 404") && Contains("There is nothing at /b."));
}

TEST_CASE("what a client has already is not sent again") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "body").etag("v1"); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/a")), Contains("ETag: \"v1\"\r\n"));
    for (const char* match : {"\"v1\"", "W/\"v1\"", "\"x\", \"v1\"", "*", "\"v1-gzip\""}) {
        CAPTURE(match);
        const auto answer = s.exchange(get_request("/a", std::string("If-None-Match: ") + match + "\r\n"));
        CHECK_THAT(answer, StartsWith("HTTP/1.1 304") && EndsWith("\r\n\r\n") && !Contains("Content-Length"));
    }
    CHECK_THAT(s.exchange(get_request("/a", "If-None-Match: \"v2\"\r\n")), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("pages are gzipped for those who ask, and for nobody else") {
    server_fixture s;
    s.get("/page", [](http::request) { return http::response::html(200, std::string(5000, 'x')); });
    s.get("/small", [](http::request) { return http::response::html(200, "x"); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/page", "Accept-Encoding: br, gzip\r\n")),
               Contains("Content-Encoding: gzip") && Contains("Vary: Accept-Encoding"));
    CHECK_THAT(s.exchange(get_request("/page", "Accept-Encoding: gzip;q=0\r\n")),
               !Contains("Content-Encoding") && Contains("Vary: Accept-Encoding"));
    CHECK_THAT(s.exchange(get_request("/page")), !Contains("Content-Encoding"));
    CHECK_THAT(s.exchange(get_request("/small", "Accept-Encoding: gzip\r\n")), !Contains("Content-Encoding"));
}

TEST_CASE("a large answer arrives whole at a client that reads slowly") {
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

TEST_CASE("100-continue is said before a body is waited for, and not when the answer is known") {
    server_fixture s;
    http::route_options small;
    small.body_limit = 10;
    s.post(
        "/echo", [](http::request q) { return http::response::text(200, std::string(q.body())); }, small);
    s.start();
    auto peer = s.connect();
    peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    CHECK(peer.read_some() == "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("abc");
    CHECK_THAT(peer.read_answer(), EndsWith("abc"));
    CHECK_THAT(
        s.exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n"),
        StartsWith("HTTP/1.1 413"));
    CHECK_THAT(
        s.exchange("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"),
        StartsWith("HTTP/1.1 404"));
}

TEST_CASE("a refused body does not cost the client its answer") {
    server_fixture s;
    http::route_options small;
    small.body_limit = 10;
    s.post(
        "/echo", [](http::request) { return http::response(200); }, small);
    s.start();
    auto peer = s.connect();
    // Many peers read nothing before they have sent everything.
    constexpr std::size_t much = 17 << 20;
    CHECK(peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(much) + "\r\n\r\n" +
                    std::string(much, 'x')));
    peer.finish_sending();
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 413"));
}

TEST_CASE("a body is streamed to a handler that reads it piece by piece") {
    server_fixture s;
    http::route_options streams;
    streams.streams_body = true;
    streams.body_limit = 64 << 20;
    s.post_slow(
        "/count", [](http::request q) { return count_pieces(q); }, streams);
    s.get("/after", [](http::request) { return http::response::text(200, "after"); });
    s.start();
    auto peer = s.connect();
    peer.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" +
              std::string(3000000, 'x') + get_request("/after"));
    CHECK_THAT(peer.read_answer(), EndsWith("3000000"));
    CHECK_THAT(peer.read_answer(), EndsWith("after"));
    std::string chunked;
    for (int i = 0; i < 300; ++i) chunked += "3e8\r\n" + std::string(1000, 'y') + "\r\n";
    peer.send("POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked +
              "0\r\n\r\n" + get_request("/after"));
    CHECK_THAT(peer.read_answer(), EndsWith("300000"));
    CHECK_THAT(peer.read_answer(), EndsWith("after"));
}

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

namespace {
task<> two_events(http::body_writer out) {
    static_cast<void>(co_await out.event("first\nline two", "7", "change"));
    static_cast<void>(co_await out.comment("still here"));
}
task<> events_until_told(http::body_writer out, bool* ended, executor ex, time_source* time) {
    struct on_exit {
        bool* ended;
        ~on_exit() { *ended = true; }
    } guard{ended};
    distd::alarm_clock bell(ex, *time);
    for (;;) {
        if (auto sent = co_await out.event("tick"); !sent) co_return;
        co_await bell.wait_for(seconds(5));
    }
}
task<> fails_half_way(http::body_writer out) {
    static_cast<void>(co_await out.write("some"));
    throw std::runtime_error("broken");
}
}  // namespace

TEST_CASE("events carry id, name and every line of their data, and are flushed one by one") {
    server_fixture s;
    s.get("/e", [](http::request) { return http::response::events(two_events); });
    s.start();
    const auto answer = s.exchange(get_request("/e"));
    CHECK_THAT(answer, Contains("Content-Type: text/event-stream") &&
                           Contains("id: 7\nevent: change\ndata: first\ndata: line two\n\n") &&
                           Contains(": still here\n\n"));
}

TEST_CASE("a stream whose reader has left ends, and one that fails is cut, not ended") {
    server_fixture s;
    bool ended = false;
    s.get("/e", [&](http::request) {
        return http::response::events([&](http::body_writer w) {
            return events_until_told(w, &ended, s.loop.get_executor(), &s.time);
        });
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

TEST_CASE("a handler that waits for a client that left is ended") {
    server_fixture s;
    bool left = false;
    http::route_options waits;
    waits.waits_long = true;
    s.get_slow(
        "/wait", [&](http::request) { return wait_for_ever(&left, s.loop.get_executor(), &s.time); }, waits);
    s.start();
    {
        auto peer = s.connect();
        peer.send(get_request("/wait"));
        s.pump();
        CHECK_FALSE(left);
    }
    s.pump();
    CHECK(left);
    CHECK(s.server->connections() == 0);
}

TEST_CASE("requests that end without an answer are in flight no more, and recorded with the reason") {
    server_fixture s;
    std::vector<std::string> lines;
    s.log->tap("test", [&](log_level, std::string_view line) { lines.emplace_back(line); });
    bool left = false;
    http::route_options waits;
    waits.waits_long = true;
    s.get_slow(
        "/wait", [&](http::request) { return wait_for_ever(&left, s.loop.get_executor(), &s.time); }, waits);
    s.post("/echo", [](http::request) { return http::response(200); });
    s.start();
    const auto& in_flight = s.counters.level("distd_http_requests_in_flight", "");
    {
        auto waiting = s.connect();
        auto sending = s.connect();
        waiting.send(get_request("/wait"));
        sending.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf");
        s.pump();
        CHECK(in_flight.value() == 2);
    }
    s.pump();
    CHECK(s.server->connections() == 0);
    CHECK(in_flight.value() == 0);
    REQUIRE(lines.size() == 2);
    for (const auto& line : lines)
        CHECK_THAT(line, Contains(" status=499 ") && EndsWith(" reason=client_gone"));
}

TEST_CASE("a handler that throws answers 500 without its inner text, and the connection goes on") {
    server_fixture s;
    s.get("/quick", [](http::request) -> http::response { throw std::runtime_error("secret"); });
    s.get_slow("/slow", [](http::request) -> task<http::response> { throw std::runtime_error("secret"); });
    s.start();
    auto peer = s.connect();
    for (const char* path : {"/quick", "/slow", "/quick"}) {
        peer.send(get_request(path));
        CHECK_THAT(peer.read_answer(),
                   StartsWith("HTTP/1.1 500") && !Contains("secret") && Contains("request_id"));
    }
}

TEST_CASE("a request's id and trace are taken over where they are well-formed, and made where not") {
    server_fixture s;
    s.get("/t", [](http::request q) {
        return http::response::text(200, q.trace().trace_id + " " + std::string(q.id()));
    });
    s.start();
    const std::string trace = "0af7651916cd43dd8448eb211c80319c";
    auto answer = s.exchange(get_request(
        "/t", "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\nX-Request-Id: my-request-1\r\n"));
    CHECK_THAT(answer, EndsWith(trace + " my-request-1") && Contains("X-Request-Id: my-request-1\r\n"));
    for (const char* bad : {"garbage", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
        CAPTURE(bad);
        answer =
            s.exchange(get_request("/t", std::string("traceparent: ") + bad + "\r\nX-Request-Id: a b\r\n"));
        const auto body = answer.substr(answer.find("\r\n\r\n") + 4);
        CHECK(body.size() == 32 + 1 + 16);
        CHECK(body.substr(0, 32) != trace);
    }
}

TEST_CASE("a handler's header values cannot add lines of their own") {
    server_fixture s;
    s.get("/r", [](http::request q) { return http::response::redirect(303, *q.query("to")); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/r?to=/x%0d%0aSet-Cookie:%20a=b")),
               Contains("Location: /x  Set-Cookie: a=b\r\n") && !Contains("\nSet-Cookie"));
}

TEST_CASE("with access tokens every route that is not open asks for one") {
    server_fixture s;
    http::route_options open;
    open.open = true;
    s.get("/closed", [](http::request) { return http::response::text(200, "in"); });
    s.get(
        "/open", [](http::request) { return http::response::text(200, "in"); }, open);
    http::server_setup setup;
    setup.access_tokens = {"first-token", "second-token"};
    s.start(setup);
    CHECK_THAT(s.exchange(get_request("/closed")),
               StartsWith("HTTP/1.1 401") && Contains("WWW-Authenticate: Bearer"));
    CHECK_THAT(s.exchange(get_request("/nowhere")), StartsWith("HTTP/1.1 401"));
    CHECK_THAT(s.exchange(get_request("/closed", "Authorization: Bearer wrong\r\n")),
               StartsWith("HTTP/1.1 401"));
    CHECK_THAT(s.exchange(get_request("/closed", "Authorization: Bearer second-token\r\n")),
               StartsWith("HTTP/1.1 200"));
    CHECK_THAT(s.exchange(get_request("/closed", "Authorization: Basic YW55Om5vdC1pdA==\r\n")),
               StartsWith("HTTP/1.1 401"));
    CHECK_THAT(s.exchange(get_request("/closed", "Authorization: Basic YW55OmZpcnN0LXRva2Vu\r\n")),
               StartsWith("HTTP/1.1 200"));
    CHECK_THAT(s.exchange(get_request("/open")), StartsWith("HTTP/1.1 200"));
}

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

TEST_CASE("a connection answers at once, after a while of silence, and in the moment between") {
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

TEST_CASE("a drain closes what was busy just now as well as what has been quiet") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response(200); });
    s.start();
    auto quiet = s.connect();
    quiet.send(get_request("/a"));
    static_cast<void>(quiet.read_answer());
    s.time.advance(seconds(3));
    auto recent = s.connect();
    recent.send(get_request("/a"));
    static_cast<void>(recent.read_answer());
    s.server->drain();
    s.pump();
    CHECK(quiet.read_until_close().empty());
    CHECK(recent.read_until_close().empty());
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

TEST_CASE("over the cap a connection is told to come back and closed") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response(200); });
    http::server_setup setup;
    setup.most_connections = 2;
    s.start(setup);
    auto first = s.connect();
    auto second = s.connect();
    first.send(get_request("/a"));
    static_cast<void>(first.read_answer());
    auto third = s.connect();
    const auto answer = third.read_until_close();
    CHECK_THAT(answer,
               StartsWith("HTTP/1.1 503") && Contains("Retry-After") && Contains("Too many connections"));
    const auto body = answer.substr(answer.find("\r\n\r\n") + 4);
    CHECK_THAT(answer, Contains("Content-Length: " + std::to_string(body.size()) + "\r\n"));
    second.reset();
    s.pump();
    CHECK_THAT(s.exchange(get_request("/a")), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("draining closes idle connections, finishes open requests with a close and ends what waits") {
    server_fixture s;
    distd::alarm_clock gate(s.loop.get_executor(), s.time);
    bool stream_ended = false;
    s.get("/a", [](http::request) { return http::response(200); });
    struct gated {
        static task<http::response> wait(distd::alarm_clock* gate) {
            co_await gate->wait();
            co_return http::response::text(200, "finished");
        }
    };
    s.get_slow("/work", [&](http::request) { return gated::wait(&gate); });
    s.get("/e", [&](http::request) {
        return http::response::events([&](http::body_writer w) {
            return events_until_told(w, &stream_ended, s.loop.get_executor(), &s.time);
        });
    });
    s.start();
    auto idle = s.connect();
    auto busy = s.connect();
    auto stream = s.connect();
    idle.send(get_request("/a"));
    static_cast<void>(idle.read_answer());
    busy.send(get_request("/work"));
    stream.send(get_request("/e"));
    static_cast<void>(stream.read_some());
    s.server->drain();
    s.pump();
    CHECK(idle.read_until_close().empty());
    CHECK(stream_ended);
    CHECK(busy.is_silent());
    CHECK_THROWS(s.connect());
    gate.wake();
    CHECK_THAT(busy.read_until_close(), Contains("Connection: close") && EndsWith("finished"));
    CHECK(s.server->connections() == 0);
}

TEST_CASE("a literal segment wins over a parameter, and parameters are decoded after the path was split") {
    server_fixture s;
    s.get("/b/new", [](http::request) { return http::response::text(200, "literal"); });
    s.get("/b/{id}", [](http::request q) { return http::response::text(200, "id=" + q.param("id")); });
    s.get("/b/{id}/c", [](http::request q) { return http::response::text(200, "c of " + q.param("id")); });
    s.get("/f/{path...}",
          [](http::request q) { return http::response::text(200, "rest=" + q.param("path")); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/b/new")), EndsWith("literal"));
    CHECK_THAT(s.exchange(get_request("/b/%6eew")), EndsWith("literal"));
    CHECK_THAT(s.exchange(get_request("/b/a%2Fb%20c")), EndsWith("id=a/b c"));
    CHECK_THAT(s.exchange(get_request("/b/new/c")), EndsWith("c of new"));
    CHECK_THAT(s.exchange(get_request("/f/x/y/z?q=1")), EndsWith("rest=x/y/z"));
    CHECK_THAT(s.exchange(get_request("/b//c")), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(s.exchange(get_request("/b/")), StartsWith("HTTP/1.1 404"));
}
