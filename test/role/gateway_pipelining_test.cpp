// Several requests on one connection to the gateway, and a client that takes its time with their answers.
#include <catch2/catch.hpp>
#include <string>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("pipelined requests through the gateway are answered in order") {
    gateway_fixture f(both_ways());
    const bool answers_at_once = GENERATE(true, false);
    const auto echo = [](const std::string& request) {
        const auto target = request.substr(request.find(' ') + 1, 2);
        return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + target;
    };
    auto& shop = f.instance(
        [&](int, const std::string& request) { return answers_at_once ? says(echo(request)) : silence(); });
    auto peer = f.connect();
    const auto get = [](const std::string& path) { return get_request("/api/Shop" + path); };
    peer.send(get("/1") + get("/2") +
              "POST /api/Shop/3 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc" + get("/4") +
              get("/5"));
    for (std::size_t i = 1; i <= 5; ++i) {
        f.w.until("it is asked for", [&] { return shop.requests().size() >= i; });
        if (!answers_at_once) {
            CHECK(shop.requests().size() == i);
            shop.say(0, echo(shop.requests().back()));
        }
        CHECK_THAT(peer.read_answer(), EndsWith("\r\n\r\n/" + std::to_string(i)));
    }
    CHECK(peer.is_silent());
    CHECK(shop.connections() == 1);
}

TEST_CASE("a pipelined request is forwarded once the one before it is answered") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/first"));
    f.w.until("the first is there", [&] { return shop.requests().size() == 1; });
    peer.send(get_request("/api/Shop/second"));
    CHECK(peer.is_silent());
    CHECK(shop.requests().size() == 1);
    shop.say(0, ok);
    CHECK_THAT(peer.read_answer(), EndsWith("\r\n\r\nhi"));
    f.w.until("the second is there", [&] { return shop.requests().size() == 2; });
    CHECK_THAT(shop.requests().back(), StartsWith("GET /second "));
    shop.say(0, ok);
    CHECK_THAT(peer.read_answer(), EndsWith("\r\n\r\nhi"));
}

TEST_CASE("a slow client gets all of a large answer") {
    gateway_fixture f(both_ways());
    const std::string body(GENERATE(60'000u, 100'000u, 16'000'000u), 'x');
    const auto answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    f.instance([&](int, const std::string&) { return says(answer); });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/x", "Connection: close\r\n"));
    f.w.time.advance(seconds(25));
    const auto got = peer.read_until_close();
    CHECK(got.ends_with("\r\n\r\n" + body));
}

TEST_CASE("a client that pauses again and again in the middle of many answers gets all of each") {
    gateway_fixture f(both_ways());
    const std::string body(70'000, 'x');  // of a little more than is read at once
    const auto answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    f.instance([&](int, const std::string&) { return says(answer); });
    constexpr int many = 200;  // more than the buffers on the way hold
    auto peer = f.connect();
    std::string requests;
    for (int i = 0; i < many; ++i) requests += get_request("/api/Shop/x");
    peer.send(requests);
    const int first_pause = GENERATE(range(0, 40, 5));
    int whole = 0;
    for (int i = 0; i < many; ++i) {
        if (i % 40 == first_pause) f.w.time.advance(seconds(25));
        whole += peer.read_answer().ends_with("\r\n\r\n" + body) ? 1 : 0;
    }
    CHECK(whole == many);
}
