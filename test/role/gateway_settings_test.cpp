// The gateway's settings: what is taken, and what keeps the portal from starting.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE("a proxy in front is trusted by its address or its network") {
    const auto [setting, is_trusted] = GENERATE(Catch::Generators::table<std::string, bool>(
        {{"127.0.0.1", true}, {"10.9.9.9,127.0.0.0/8", true}, {"loopback", true}, {"10.0.0.0/8", false}}));
    gateway_fixture f({"--portal-gateway-trusted-proxies=" + setting});
    auto& shop = f.instance(says_ok);
    static_cast<void>(f.get("/api/Shop/x", "X-Forwarded-For: 6.6.6.6\r\n"));
    const std::string seen = is_trusted ? "6.6.6.6, 127.0.0.1" : "127.0.0.1";
    CHECK_THAT(shop.requests().back(), Contains("X-Forwarded-For: " + seen + "\r\n"));
}

TEST_CASE("a setting of the gateway that can never do what it says is named, with what would be right") {
    in_process_world w;
    CHECK_THROWS_WITH(
        w.start("portal", "portal", {"--portal-gateway-trusted-proxies=10.0.0.1,proxy.example"}),
        Contains("--portal-gateway-trusted-proxies=10.0.0.1,proxy.example") && Contains("'proxy.example'") &&
            Contains("10.1.0.0/16"));
    CHECK_THROWS_WITH(w.start("portal", "portal", {"--portal-gateway-key-header=X Api Key"}),
                      Contains("--portal-gateway-key-header=X Api Key") && Contains("X-Api-Key"));
}
