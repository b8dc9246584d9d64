// How bodies are framed on both sides of the gateway, wherever the bytes are cut.
#include <catch2/catch.hpp>
#include <string>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE(
    "bodies go both ways whatever their framing, and received chunks are never passed on as they were") {
    gateway_fixture f(both_ways());
    std::string answer;
    auto& shop = f.instance([&](int, const std::string& request) {
        return request.starts_with("POST") ? says_and_closes(answer) : says(answer);
    });
    answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: "
        "1\r\n\r\n";
    const auto got = f.get();
    CHECK_THAT(got, Contains("Transfer-Encoding: chunked\r\n") && EndsWith("0\r\n\r\n") && Contains("abc") &&
                        Contains("de") && !Contains("x=y") && !Contains("X-Trailer") &&
                        !Contains("Content-Length"));
    answer = "HTTP/1.1 200 OK\r\n\r\nuntil the close";
    CHECK_THAT(f.exchange(post_request), StartsWith("HTTP/1.1 200") && Contains("chunked") &&
                                             Contains("until the close") && EndsWith("0\r\n\r\n"));
    CHECK_THAT(shop.requests().back(), Contains("Content-Length: 5\r\n") && EndsWith("\r\n\r\nhello"));
}

TEST_CASE("a chunked body is re-chunked") {
    gateway_fixture f(both_ways());
    std::string heard;
    f.instance([&](int, const std::string& request) {
        heard += request;
        return silence();
    });
    auto peer = f.connect();
    peer.send(
        "POST /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-T: 1\r\n\r\n");
    CHECK(peer.is_silent());
    CHECK_THAT(heard, Contains("Transfer-Encoding: chunked\r\n") && EndsWith("\r\n5\r\nhello\r\n0\r\n\r\n"));
}

TEST_CASE("an answer may arrive in two pieces, split anywhere, and its connection is kept") {
    gateway_fixture f;
    const auto [answer, end] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "\r\n\r\nhello"},
         {"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", "\r\n\r\n"},
         {"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "\r\n\r\nhi"},
         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "\r\n0\r\n\r\n"}}));
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    auto peer = f.connect();
    for (std::size_t cut = 1; cut < answer.size(); ++cut) {
        shop.forget_requests();
        peer.send(get_request("/api/Shop/x"));
        f.w.until("the instance is asked", [&] { return !shop.requests().empty(); });
        shop.say(0, answer.substr(0, cut));
        f.w.pump();
        shop.say(0, answer.substr(cut));
        std::string got;
        while (!got.ends_with(end)) got += peer.read_some();
        CHECK_THAT(got,
                   StartsWith("HTTP/1.1 20") && !Contains("Early Hints") && !Contains("Connection: close"));
    }
    CHECK(shop.connections() == 1);
}

TEST_CASE("answers without a body end with their head, whatever Content-Length says") {
    gateway_fixture f(both_ways());
    const auto [method, answer] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{"GET", "HTTP/1.1 204 No Content\r\n\r\n"},
         {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n"},
         {"DELETE", "HTTP/1.1 204 No Content\r\n\r\n"},
         {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
         {"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
         {"HEAD", "HTTP/1.1 200 OK\r\n\r\n"}}));
    auto& shop = f.instance([&](int, const std::string&) { return says(answer); });
    auto peer = f.connect();
    for (const auto* last : {"", "Connection: close\r\n"})
        peer.send(method + " /api/Shop/x HTTP/1.1\r\nHost: localhost\r\n" + last + "\r\n");
    const auto got = peer.read_until_close();
    const auto first_line = "HTTP/1.1 " + answer.substr(9, 3);
    const auto second = got.find(first_line, 1);
    REQUIRE(second != std::string::npos);
    CHECK_THAT(got.substr(0, second), StartsWith(first_line) && EndsWith("\r\n\r\n"));
    CHECK(got.find("\r\n\r\n", second) + 4 == got.size());
    CHECK(shop.connections() == 1);
}
