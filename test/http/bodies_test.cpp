// The bodies of requests: asked for, refused, and handed on as they come in.
#include <catch2/catch.hpp>
#include <string>

#include "http/server/request_input.hpp"
#include "support/server_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::EndsWith;
using Catch::StartsWith;

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

TEST_CASE("100 Continue is sent before waiting for a body, and not if the answer is known") {
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

// All of it is here before the server has a turn: no byte comes later and rings again.
TEST_CASE("a body that arrived with its head is read to its end, also on a reused connection") {
    server_fixture s;
    constexpr std::size_t body_bytes =
        50'000;  // more than a read takes, less than the first window of a connection
    const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\n";
    http::route_options o;
    SECTION("it is taken") {}
    SECTION("it is refused, and heard out") { o.body_limit = 10; }
    s.post(
        "/echo", [](http::request q) { return http::response::text(200, std::to_string(q.body().size())); },
        o);
    s.start();
    auto peer = s.connect();
    for (int i = 0; i < 3; ++i) {
        peer.send(head + "Content-Length: 2\r\n\r\nab");
        CHECK_THAT(peer.read_answer(), EndsWith("2"));
    }
    peer.send(head + "Content-Length: " + std::to_string(body_bytes) + "\r\n\r\n" +
              std::string(body_bytes, 'x'));
    if (o.body_limit == 10) {
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 413"));
        peer.finish_sending();
        CHECK(peer.read_until_close().empty());
        CHECK_FALSE(peer.was_reset());
    } else {
        CHECK_THAT(peer.read_answer(), EndsWith(std::to_string(body_bytes)));
    }
}

TEST_CASE("Expect is ignored for HTTP/1.0: such clients know no interim responses") {
    server_fixture s;
    s.post("/echo", [](http::request q) { return http::response::text(200, std::string(q.body())); });
    s.start();
    const auto expectation = GENERATE(Catch::Generators::values<std::string>({"100-continue", "tea"}));
    auto peer = s.connect();
    peer.send("POST /echo HTTP/1.0\r\nContent-Length: 3\r\nExpect: " + expectation + "\r\n\r\n");
    CHECK(peer.is_silent());
    peer.send("abc");
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 200") && EndsWith("abc"));
}

TEST_CASE("a client whose body is refused still gets its answer") {
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

TEST_CASE("a handler can read a body piece by piece") {
    server_fixture s;
    http::route_options streams;
    streams.streams_body = true;
    streams.body_limit = 64 << 20;
    s.post(
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

TEST_CASE("a body has room wherever its request lies in the connection's buffer") {
    server_fixture s;
    s.get("/x", [](http::request) { return http::response::text(200, "x"); });
    http::route_options streams;
    streams.streams_body = true;
    s.post("/pieces", &count_pieces, streams);
    s.post("/whole_",
           [](http::request q) { return http::response::text(200, std::to_string(q.body().size())); });
    s.start();
    const auto* path = GENERATE("/pieces", "/whole_");
    const std::size_t room = GENERATE(0, 1, 9, 100);
    const auto last = "POST " + std::string(path) +
                      " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n";
    const auto other = get_request("/x");
    const auto filled = http::request_input::max_bytes - room - last.size();
    std::string sent;
    while (sent.size() + 3 * other.size() < filled) sent += other;
    const std::string name = "X: ";
    const auto padding = filled - sent.size() - other.size() - name.size() - 2;
    sent += get_request("/x", name + std::string(padding, 'x') + "\r\n") + last;
    REQUIRE(sent.size() + room == http::request_input::max_bytes);
    auto peer = s.connect();
    peer.send(sent);
    s.pump();
    peer.send("hello");
    CHECK_THAT(peer.read_until_close(), EndsWith("\r\n\r\n5"));
}
