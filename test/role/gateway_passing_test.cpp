// A request that goes through the gateway and its answer: what reaches the other side, and which connection
// it took.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("a request reaches an instance below its service's name, and the answer comes back") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) {
        return says(
            "HTTP/1.1 201 Whatever\r\nContent-Length: 2\r\nX-Of: theirs\r\nConnection: keep-alive\r\n\r\nhi");
    });
    const auto answer = f.get("/api/Shop/a%2Fb/c?d=e");
    CHECK_THAT(answer, StartsWith("HTTP/1.1 201 Created\r\n") && EndsWith("\r\n\r\nhi") &&
                           Contains("X-Of: theirs\r\n") && Contains("Via: 1.1 distd\r\n"));
    REQUIRE(shop.requests().size() == 1);
    CHECK_THAT(shop.requests()[0], StartsWith("GET /a%2Fb/c?d=e HTTP/1.1\r\nHost: 127.0.0.1:"));
    CHECK_THAT(f.get("/api/Shop"), EndsWith("hi"));
    CHECK_THAT(shop.requests()[1], StartsWith("GET / HTTP/1.1"));
    CHECK(shop.connections() == 1);
}

TEST_CASE("an instance that drips its answer is waited for, byte by byte") {
    gateway_fixture f(both_ways());
    f.instance([&](int, const std::string&) { return action{ok, false, false, 1}; });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
}

TEST_CASE("what an instance says before its answer proper reaches nobody") {
    gateway_fixture f(both_ways());
    const auto interim = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"}));
    const bool comes_apart = GENERATE(false, true);
    auto& shop = f.instance(
        [&](int, const std::string&) { return says(comes_apart ? interim : interim + std::string(ok)); });
    auto peer = f.connect();
    for (std::size_t i = 1; i <= 2; ++i) {
        peer.send(get_request("/api/Shop/x"));
        f.w.until("the instance is asked", [&] { return shop.requests().size() == i; });
        if (comes_apart) shop.say(0, ok);
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi") &&
                                           !Contains("Link") && !Contains("Continue"));
    }
    CHECK(shop.connections() == 1);
}

TEST_CASE(
    "an instance that answers before it took the whole body gets no more of it, and no pause is waited for") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) {
        return says("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
    });
    auto peer = f.connect();
    peer.send("POST /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    CHECK_THAT(peer.read_until_close(),
               StartsWith("HTTP/1.1 413") && Contains("Connection: close\r\n") && EndsWith("no"));
    CHECK(shop.requests().size() == 1);
}

TEST_CASE("an instance that answers, or goes, while a client pauses in its body is detected at once") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    const bool answers = GENERATE(false, true);
    auto peer = f.connect();
    peer.send("POST /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc");
    f.w.until("the request is on its way", [&] { return f.holds(f.status(), R"("in_flight":1)"); });
    peer.send("def");
    CHECK(peer.is_silent());
    if (answers)
        shop.say(0, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    else
        shop.close_connections();
    CHECK_THAT(peer.read_until_close(),
               answers ? StartsWith("HTTP/1.1 403") && EndsWith("no")
                       : StartsWith("HTTP/1.1 502") && Contains("It is not known whether"));
    REQUIRE(f.records.size() == 1);
    CHECK_THAT(f.records[0], Contains(answers ? "status=403" : "status=502") && Contains("tries=1"));
}

TEST_CASE("an instance gets a slow body and answers at its end, on a kept connection") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance(says_ok);
    auto peer = f.connect();
    for (int i = 0; i < 2; ++i) {
        peer.send("POST /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc");
        CHECK(peer.is_silent());
        peer.send("def");
        CHECK(peer.is_silent());
        peer.send("ghi");
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
    }
    CHECK(shop.connections() == 1);
}

TEST_CASE("after an answer that makes the connection unusable the next request uses a new one") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) {
        return says_and_closes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
    });
    auto peer = f.connect();
    for (int i = 1; i <= 3; ++i) {
        peer.send(get_request("/api/Shop/x"));
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
        CHECK(shop.connections() == i);
    }
}

TEST_CASE("unknown methods are forwarded, and never retried") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string& request) {
        return request.starts_with("PURGE") ? action{{}, true} : says(ok);
    });
    const std::string head = " /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    CHECK_THAT(f.exchange("PROPFIND" + head + "Depth: 1\r\nContent-Length: 4\r\n\r\n<a/>"),
               StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
    CHECK_THAT(shop.requests().back(), StartsWith("PROPFIND /x HTTP/1.1\r\n") && Contains("Depth: 1\r\n") &&
                                           EndsWith("\r\n\r\n<a/>"));
    CHECK_THAT(f.exchange("VERSION-CONTROL" + head + "\r\n"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.exchange("PURGE" + head + "\r\n"),
               StartsWith("HTTP/1.1 502") && Contains("not known whether"));
    CHECK(shop.requests().size() == 3);
    CHECK_THAT(f.exchange("Get" + head + "\r\n"), StartsWith("HTTP/1.1 501"));
    CHECK_THAT(f.exchange("PROPFIND /students HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
               StartsWith("HTTP/1.1 501"));
    CHECK(shop.requests().size() == 3);
}
