// Where requests go: what the addresses say that instances register with, and round in circles.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("an instance registered with a path gets requests below it") {
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

TEST_CASE("a request that passed five gateways is refused, however Via is split") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    std::string lines;
    for (int n = 0; n < 4; ++n) lines += "Via: 1.1 distd\r\n";
    CHECK_THAT(f.get("/api/Shop/x", lines), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/api/Shop/x", lines + "via: 1.0 other, 1.1 distd\r\n"),
               StartsWith("HTTP/1.1 508 Loop Detected"));
    CHECK(shop.requests().size() == 1);
}

TEST_CASE("an instance that cannot be used is named in the status, with the reason") {
    gateway_fixture f;
    const auto put = [&](const std::string& url) {
        REQUIRE(f.w.http("POST", f.registry + "/services",
                         R"({"ServiceName":"Vault","ServiceURL":")" + url + R"(","Tags":["gateway"]})")
                    .status == 200);
    };
    put(f.registry);
    f.w.until("it is seen", [&] { return f.holds(f.status(), "the address of a registry"); });
    CHECK_THAT(f.status(), Contains(R"("left_out":[{"url":"http)"));
    CHECK_THAT(f.get("/api/Vault/x"), StartsWith("HTTP/1.1 503"));
}

TEST_CASE("instances get X-Forwarded-Prefix, and their Location is rewritten") {
    gateway_fixture f(both_ways());
    std::string base;
    auto& shop = f.instance([&](int, const std::string&) {
        return says("HTTP/1.1 303 See Other\r\nLocation: " + base + "/y\r\nContent-Length: 0\r\n\r\n");
    });
    base = f.base(shop);
    CHECK_THAT(f.get("/api/Shop/x"), Contains("\r\nLocation: /api/Shop/y\r\n"));
    CHECK_THAT(shop.requests().back(), Contains("\r\nX-Forwarded-Prefix: /api/Shop\r\n"));
    REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/routes/shop",
                     R"({"service":"Shop","prefix":"/till","strip_prefix":true})")
                .status == 201);
    f.w.until("the route is known", [&] { return f.holds(f.status(), "/till"); });
    CHECK_THAT(f.get("/till/x"), Contains("\r\nLocation: /till/y\r\n"));
    CHECK_THAT(shop.requests().back(), Contains("\r\nX-Forwarded-Prefix: /till\r\n"));
}
