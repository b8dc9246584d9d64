// Instances that close the connections which the gateway keeps, just when it uses them again.
#include <catch2/catch.hpp>
#include <list>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

// Answers the first request of each connection and closes it at the second.
raw_server::script once_each() {
    return [seen = std::vector<int>()](int connection, const std::string&) mutable {
        const bool is_first = std::ranges::find(seen, connection) == seen.end();
        seen.push_back(connection);
        return is_first ? says(ok) : says_and_closes({});
    };
}

}  // namespace

TEST_CASE("an instance that keeps no promise of a kept connection fails no GET, however many there are") {
    gateway_fixture f;
    auto& shop = f.instance(once_each());
    for (int i = 0; i < 100; ++i) REQUIRE_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    CHECK(shop.connections() == 100);
    CHECK(f.metric("distd_gateway_retries_total{service=\"Shop\"}") == "99");
    CHECK_THAT(f.status(), !Contains("ejected"));
}

TEST_CASE("of several kept connections that went one is tried, then a new one") {
    gateway_fixture f;
    auto& shop = f.instance(once_each());
    std::list<raw_peer> peers;
    for (int i = 0; i < 5; ++i) {
        peers.emplace_back(port_of(f.portal), [&] { f.w.pump(); });
        peers.back().send("GET /api/Shop/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    for (auto& p : peers) CHECK_THAT(p.read_answer(), StartsWith("HTTP/1.1 200"));
    REQUIRE(shop.connections() == 5);
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    CHECK(shop.connections() == 6);
}

TEST_CASE("a POST on a kept connection that went is reported, not repeated") {
    gateway_fixture f;
    auto& shop = f.instance(once_each());
    REQUIRE_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.exchange(post_request), StartsWith("HTTP/1.1 502") && Contains("not known whether"));
    CHECK(shop.connections() == 1);
    CHECK_THAT(f.exchange(post_request), StartsWith("HTTP/1.1 200"));
}
