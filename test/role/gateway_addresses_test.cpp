// What the addresses say that instances register with.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::StartsWith;

TEST_CASE("an instance that registered with a path is asked below it") {
    gateway_fixture f;
    const auto path = GENERATE(Catch::Generators::values<std::string>({"/base", "/base/", "/base?x=y"}));
    raw_server shop(f.w.loop, says_ok);
    const auto url = shop.url(path);
    REQUIRE(f.w.http("POST", f.registry + "/services",
                     R"({"ServiceName":"Shop","ServiceURL":")" + url + R"(","Tags":["gateway"]})")
                .status == 200);
    f.w.until("the gateway knows it", [&] { return f.holds(f.status(), url); });
    CHECK_THAT(f.get("/api/Shop/x%2Fy?a=b"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(shop.requests().back(), StartsWith("GET /base/x%2Fy?a=b HTTP/1.1\r\n"));
    CHECK_THAT(f.get("/api/Shop"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(shop.requests().back(), StartsWith("GET /base/ HTTP/1.1\r\n"));
}
