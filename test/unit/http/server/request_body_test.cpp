// Where a request's body ends, and what it may be: size, pace, and the digest that was promised for it.
#include "http/server/request_body.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "http/server/server_setup.hpp"

using namespace distd;
using namespace distd::http;

namespace {

constexpr std::uint64_t no_limit = 1 << 20;
const steady_point start{seconds(1000)};

request_head sized(std::uint64_t bytes) {
    request_head head;
    head.content_length = bytes;
    return head;
}

request_head chunked() {
    request_head head;
    head.chunked = true;
    return head;
}

request_body begun(const request_head& head) {
    request_body body;
    body.start(head, start);
    return body;
}

// All pieces of `raw`, which then holds what is left.
std::string take_all(request_body& body, std::string_view& raw) {
    std::string all;
    for (;;) {
        const auto piece = body.take(raw, no_limit);
        REQUIRE(piece);
        if (piece->empty()) return all;
        all.append(*piece);
    }
}

}  // namespace

TEST_CASE("a request without a body is complete at once, and leaves what follows alone") {
    auto body = begun(request_head());
    CHECK(body.is_complete());
    std::string_view raw = "GET /";
    CHECK(take_all(body, raw).empty());
    CHECK(raw == "GET /");
}

TEST_CASE("a body ends where its length or its last chunk says, wherever the bytes are cut") {
    const bool is_chunked = GENERATE(false, true);
    const std::string bytes = is_chunked ? "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /" : "abcdeGET /";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        auto body = begun(is_chunked ? chunked() : sized(5));
        std::string_view raw(bytes.data(), cut);
        auto got = take_all(body, raw);
        auto rest = std::string(raw) + bytes.substr(cut);
        raw = rest;
        got += take_all(body, raw);
        CHECK(got == "abcde");
        CHECK(raw == "GET /");
        CHECK(body.is_complete());
    }
}

TEST_CASE("a body that is here whole is taken where it lies") {
    auto body = begun(sized(3));
    CHECK_FALSE(body.whole_in("ab"));
    CHECK(body.whole_in("abcd") == "abc");
    CHECK(body.is_complete());
    CHECK_FALSE(begun(chunked()).whole_in("1\r\na\r\n0\r\n\r\n"));
}

TEST_CASE("a body over the limit and bad chunks are refused") {
    auto body = begun(chunked());
    std::string_view raw = "3\r\nabc\r\n2\r\nde\r\n";
    REQUIRE(body.take(raw, 4));
    CHECK(body.take(raw, 4).error() == errc::overloaded);
    auto bad = begun(chunked());
    raw = "no";
    CHECK(bad.take(raw, 4).error() == errc::invalid);
}

TEST_CASE("no more is read at once than belongs to a body of known length") {
    auto body = begun(sized(5));
    CHECK(body.max_read(100) == 5);
    CHECK(body.max_read(3) == 3);
    std::string_view raw = "ab";
    static_cast<void>(body.take(raw, no_limit));
    CHECK(body.max_read(100) == 3);
    CHECK(begun(chunked()).max_read(100) == 100);
}

TEST_CASE("a body is the one that its proof promised, whole or in pieces") {
    auto body = begun(sized(4));
    CHECK(body.is_as_promised_whole("any"));
    body.expect(sha256("abcd"));
    CHECK(body.is_as_promised_whole("abcd"));
    CHECK_FALSE(body.is_as_promised_whole("abce"));
    const bool is_same = GENERATE(true, false);
    std::string_view raw = "ab";
    CHECK(body.is_as_promised(*body.take(raw, no_limit)));
    raw = is_same ? "cd" : "ce";
    CHECK(body.is_as_promised(*body.take(raw, no_limit)) == is_same);
}

TEST_CASE("a body may be slow for a while, then has to keep its rate, and to end if it is gathered") {
    server_setup setup;
    setup.body_deadline = seconds(30);
    setup.gather_deadline = seconds(300);
    setup.min_body_rate = 100;
    auto body = begun(sized(100'000));
    CHECK_FALSE(body.is_too_slow(start + seconds(30), setup, true));
    CHECK(body.is_too_slow(start + seconds(31), setup, true));
    const std::string much(50'000, 'x');
    std::string_view raw = much;
    static_cast<void>(body.take(raw, no_limit));
    CHECK_FALSE(body.is_too_slow(start + seconds(301), setup, false));
    CHECK(body.is_too_slow(start + seconds(301), setup, true));
    CHECK(body.is_too_slow(start + seconds(600), setup, false));
}
