// Events and tunnels through the gateway: nothing is held back, and silence ends neither.
#include <catch2/catch.hpp>
#include <string>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("server-sent events are forwarded one by one, and a silent stream stays open") {
    gateway_fixture f(both_ways());
    f.instance([](int, const std::string&) {
        return says(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
            "chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
    });
    auto peer = f.connect();
    peer.send("GET /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n");
    const auto got = peer.read_some();
    CHECK_THAT(got, Contains("data: 1\n\n") && !Contains("gzip"));
    f.w.time.advance(std::chrono::minutes(10));
    CHECK(peer.is_silent());
}

TEST_CASE("a WebSocket is a tunnel: bytes go both ways until one side closes") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string& request) {
        return request.starts_with("GET") ? says(
                                                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                                "Upgrade: websocket\r\nSec-WebSocket-Accept: k\r\n\r\nfirst")
                                          : says("<" + request + ">");
    });
    auto peer = f.connect();
    peer.send(
        "GET /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    std::string got;
    while (!f.holds(got, "first")) got += peer.read_some();
    CHECK_THAT(got, StartsWith("HTTP/1.1 101 ") && Contains("Connection: upgrade\r\n") &&
                        Contains("Upgrade: websocket\r\n") && Contains("Sec-WebSocket-Accept: k\r\n"));
    CHECK_THAT(shop.requests()[0], Contains("Upgrade: websocket\r\n"));
    peer.send("frame\r\n\r\n");
    CHECK(peer.read_some() == "<frame\r\n\r\n>");
    peer.finish_sending();
    CHECK(peer.read_until_close().empty());
    f.w.pump();
    CHECK(shop.open_connections() == 0);
}

TEST_CASE("bytes sent right after an upgrade request belong to the tunnel") {
    gateway_fixture f(both_ways());
    f.instance([](int, const std::string& request) {
        return says(request.starts_with("GET") ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                                 "Upgrade: websocket\r\n\r\n"
                                               : "<" + request + ">");
    });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/x", "Connection: Upgrade\r\nUpgrade: websocket\r\n") + "frame\r\n\r\n");
    std::string got;
    while (!got.ends_with(">")) got += peer.read_some();
    CHECK_THAT(got, StartsWith("HTTP/1.1 101 ") && EndsWith("\r\n\r\n<frame\r\n\r\n>"));
}

TEST_CASE(
    "what came with an upgrade on a used connection is part of the tunnel, also more than a read takes") {
    gateway_fixture f(both_ways());
    f.instance([](int, const std::string& request) {
        if (!request.starts_with("GET")) return says("<" + std::to_string(request.size()) + ">");
        const bool is_upgrade = request.find("websocket") != std::string::npos;
        return is_upgrade ? says(
                                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                "Upgrade: websocket\r\n\r\n")
                          : says_ok(0, request);
    });
    auto peer = f.connect();
    for (int i = 0; i < 3; ++i) {
        peer.send(get_request("/api/Shop/x"));
        CHECK_THAT(peer.read_answer(), EndsWith("hi"));
    }
    const auto frame = std::string(50'000, 'x') + "\r\n\r\n";  // less than the first window of a connection
    peer.send(get_request("/api/Shop/x", "Connection: Upgrade\r\nUpgrade: websocket\r\n") + frame);
    std::string got;
    while (!got.ends_with(">")) got += peer.read_some();
    CHECK_THAT(got, StartsWith("HTTP/1.1 101 ") && EndsWith("<" + std::to_string(frame.size()) + ">"));
}

TEST_CASE("a refused upgrade is an ordinary answer, and its connection is kept") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance(says_ok);
    auto peer = f.connect();
    for (int i = 0; i < 2; ++i) {
        peer.send(get_request("/api/Shop/x", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
    }
    CHECK(shop.connections() == 1);
}
