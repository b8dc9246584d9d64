// Answers of two meanings, answers that are none and answers that break off: what a client gets instead.
#include <catch2/catch.hpp>
#include <string>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("an answer that two parties could read differently, or is none, is a 502 and its connection goes") {
    gateway_fixture f(both_ways());
    const auto answer = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nhi", "SSH-2.0-OpenSSH\r\n",
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"}));
    auto& shop = f.instance([&](int, const std::string&) { return says(answer); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 502") && Contains("malformed answer") && Contains("request_id"));
    CHECK(shop.requests().size() == 1);
    f.w.pump();
    CHECK(shop.open_connections() == 0);
}

TEST_CASE("what an instance says beyond its answer reaches nobody") {
    gateway_fixture f(both_ways());
    const auto answer = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret",
         "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nsecret"}));
    auto& shop = f.instance([&](int, const std::string&) { return says(answer); });
    for (int i = 0; i < 2; ++i) CHECK_THAT(f.get(), StartsWith("HTTP/1.1 20") && !Contains("secret"));
    CHECK(shop.connections() == 2);
}

TEST_CASE("an answer that breaks off is cut off at the client, too, and said to be") {
    gateway_fixture f(both_ways());
    const auto [answer, never] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabcdef", "Content-Length: 6"},
         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n", "0\r\n\r\n"},
         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdefXX0\r\n\r\n", "0\r\n\r\n"}}));
    f.instance([&](int, const std::string&) { return says_and_closes(answer); });
    auto peer = f.connect();
    peer.send("GET /api/Shop/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto got = peer.read_until_close();
    CHECK_THAT(got, StartsWith("HTTP/1.1 200") && !Contains(never));
}

TEST_CASE("where the close is the end of an answer, one that breaks off ends in a reset") {
    gateway_fixture f(both_ways());
    const auto answer = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n"}));
    const bool is_whole = answer.ends_with("0\r\n\r\n");
    f.instance([&](int, const std::string&) { return says_and_closes(answer); });
    auto peer = f.connect();
    peer.send("GET /api/Shop/x HTTP/1.0\r\n\r\n");
    const auto got = peer.read_until_close();
    CHECK(peer.was_reset() == !is_whole);
    if (is_whole) CHECK_THAT(got, EndsWith("\r\n\r\nabcdef"));
}
