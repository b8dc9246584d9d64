// A server that listens for IPv6 and IPv4 with one socket.
#include <catch2/catch.hpp>

#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::EndsWith;

TEST_CASE("an IPv4 client has its IPv4 address on a dual-stack listener, too") {
    server_fixture f;
    f.get("/who", [](http::request q) { return http::response::text(200, q.remote_address()); });
    http::server_setup setup;
    setup.source = "test";
    f.server =
        std::make_unique<http::server>(setup, f.loop.get_executor(), f.time, f.routes, f.log, f.counters);
    try {
        f.server->listen({boost::asio::ip::address_v6::any(), 0});
    } catch (const std::exception& e) {
        WARN("no IPv6 on this machine: " << e.what());
        return;
    }
    f.server->start();
    f.pump();
    auto peer = f.connect();
    peer.send("GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK_THAT(peer.read_until_close(), EndsWith("\r\n\r\n127.0.0.1"));
}
