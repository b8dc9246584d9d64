// One reading of a path: what an instance could take it for must not lead past another route's rules.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

void put_route(gateway_fixture& f, const std::string& name, const std::string& value) {
    REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/routes/" + name, value).status < 300);
    f.w.until("the route holds", [&] { return f.holds(f.status(), R"("name":")" + name); });
}

}  // namespace

TEST_CASE("a path that can be read as one of another route reaches no instance") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    put_route(f, "shop", R"({"service":"Shop","prefix":"/shop"})");
    put_route(f, "admin", R"({"service":"Admin","prefix":"/shop/admin"})");
    for (const auto* path :
         {"/shop/%61dmin", "/shop/%2561dmin/x", "/shop//admin", "/shop/./admin", "/shop/x/../admin",
          "/shop/x%2f..%2fadmin", "/shop/;/admin", "/shop/admin;x", "/shop/admin%3Bx/y", "/shop/admin%3Fx",
          "/shop/admin%23x", "/shop/x%5C..%5Cadmin"}) {
        CAPTURE(path);
        CHECK_THAT(f.get(path), StartsWith("HTTP/1.1 400") && Contains("read in two ways"));
    }
    CHECK_THAT(f.get("/shop%2Fadmin/x"), StartsWith("HTTP/1.1 404"));  // no route as it stands
    CHECK(shop.requests().empty());
    for (const auto* path : {"/shop/a/../b", "/shop//b", "/shop/administer", "/shop/http%3A%2F%2Fx%3A80/y",
                             "/shop/a;b=c", "/shop/%E2%82%AC", "/shop/x?y=/../admin%2F"}) {
        CAPTURE(path);
        CHECK_THAT(f.get(path), StartsWith("HTTP/1.1 200"));
        CHECK_THAT(shop.requests().back(), StartsWith("GET " + std::string(path) + " HTTP/1.1"));
    }
}

TEST_CASE("a path below /api that can be read as one of another service reaches no instance") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    raw_server other(f.w.loop, says_ok);
    const auto add = [&](const std::string& name) {
        REQUIRE(f.w.http("POST", f.registry + "/services",
                         R"({"ServiceName":")" + name + R"(","ServiceURL":")" + f.base(other) +
                             R"(","Tags":["gateway"]})")
                    .status == 200);
        f.w.until("it is exposed", [&] { return f.holds(f.status(), R"("name":")" + name); });
    };
    add("Shop;v=1");
    CHECK_THAT(f.get("/api/Shop%3Bv=1/x"), StartsWith("HTTP/1.1 400"));  // some read it as /api/Shop/x
    CHECK_THAT(f.get("/api//Shop/x"), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(f.get("/api/Shop/a%20b"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/api/%53hop/x"), StartsWith("HTTP/1.1 200"));
    CHECK(other.requests().empty());
    CHECK(shop.requests().size() == 2);
}
