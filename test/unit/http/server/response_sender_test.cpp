#include "http/server/response_sender.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace distd;
using http::response_sender;

namespace {

std::string text_of(const response_sender& s) {
    std::string all;
    for (const auto& piece : s.unsent()) all.append(static_cast<const char*>(piece.data()), piece.size());
    return all;
}

std::string body_of(const response_sender& s) {
    const auto all = text_of(s);
    return all.substr(all.find("\r\n\r\n") + 4);
}

struct sending {
    response_sender::started start(http::response r) { return s.start(std::move(r), x, true, "now", texts); }
    void start_stream() { CHECK(start(http::response::stream(200, "text/plain", {})).is_streamed); }

    http::exchange x;
    http::gzipped_texts texts;
    response_sender s;
};

const std::string large(response_sender::max_copied_bytes + 1, 'x');

}  // namespace

TEST_CASE("small answers are gathered, one behind the other") {
    sending a;
    CHECK(a.start(http::response::text(200, "one")).body_bytes == 3);
    CHECK(a.start(http::response::text(200, "two")).body_bytes == 3);
    CHECK_FALSE(a.s.has_body_left());
    CHECK(body_of(a.s).starts_with("oneHTTP/1.1 200 OK\r\n"));
    CHECK(a.s.gathered_bytes() == text_of(a.s).size());
}

TEST_CASE("a large body is sent from where it lies, wherever the client stops to take it") {
    sending a;
    CHECK(a.start(http::response::text(200, large)).body_bytes == large.size());
    CHECK(a.s.has_body_left());
    CHECK_FALSE(a.s.shared_body());
    const auto whole = text_of(a.s);
    CHECK(whole.ends_with(large));
    const auto head = a.s.gathered_bytes();
    for (const auto n : {std::size_t(7), head - 7, std::size_t(1), large.size() - 2}) a.s.take_off(n);
    CHECK(text_of(a.s) == "x");
    CHECK_FALSE(a.s.is_sent());
    a.s.take_off(1);
    CHECK(a.s.is_sent());
    CHECK(whole.size() == head + large.size());
}

TEST_CASE("a body that other answers send, too, is named as that") {
    sending a;
    const auto body = std::make_shared<const std::string>(large);
    static_cast<void>(a.start(http::response::shared(200, "text/plain", body)));
    REQUIRE(a.s.shared_body());
    CHECK(*a.s.shared_body() == body);
    a.s.forget_unsent();
    CHECK(a.s.is_sent());
    CHECK_FALSE(a.s.shared_body());
}

TEST_CASE("pieces of a stream are chunks, and the last one ends it") {
    sending a;
    a.start_stream();
    a.s.append({.own = "one"});
    const http::body_piece piece{.own = large};  // sent from where it lies
    a.s.append(piece);
    CHECK(a.s.streamed_bytes() == 3 + large.size());
    CHECK(body_of(a.s).starts_with("3\r\none\r\n"));
    CHECK(body_of(a.s).ends_with("x\r\n"));
    a.s.take_off(text_of(a.s).size());
    CHECK(a.s.is_sent());
    a.s.forget_unsent();
    a.s.end_body();
    CHECK(text_of(a.s) == "0\r\n\r\n");
}

TEST_CASE("what HTTP/1.0 gets as a stream ends with the connection") {
    sending a;
    a.x.head.http_1_0 = true;
    a.start_stream();
    CHECK(a.s.ends_with_connection());
    a.s.append({.own = "one"});
    a.s.end_body();
    CHECK(body_of(a.s) == "one");
    CHECK(text_of(a.s).find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("the framing of a relayed response is decided anew") {
    sending a;
    http::relayed_head r{.status = 200, .lines = "A: b\r\n", .has_body = true, .length = {}};
    a.s.start_relayed(r, a.x, true, "");
    CHECK(text_of(a.s) == "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n");
    a.s.forget_unsent();
    r.length = 5;
    a.s.start_relayed(r, a.x, false, "");
    CHECK(text_of(a.s) == "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}
