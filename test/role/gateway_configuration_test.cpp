// Whom the gateway leads to, what it takes from clients, and what it tells them.
#include <catch2/catch.hpp>

#include "http/message/url.hpp"
#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("only opted-in services are exposed, never the registry or the portal itself") {
    gateway_fixture f({"--portal-gateway-services=Named"});
    auto& open = f.instance(says_ok);
    raw_server shut(f.w.loop, says_ok);
    raw_server named(f.w.loop, says_ok);
    const auto portal = f.w.plain_address("portal", "portal");  // as it registers
    const auto put = [&](const std::string& name, const std::string& url, const std::string& tags) {
        return f.w.http(
            "POST", f.registry + "/services",
            R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + R"(","Tags":[)" + tags + "]}");
    };
    REQUIRE(put("Shut", shut.url(""), "").status == 200);
    REQUIRE(put("Named", named.url("/named"), "").status == 200);
    REQUIRE(put("RegistryService", f.registry, R"("gateway")").status == 200);
    CHECK(put("Loop", portal, R"("gateway")").status == 403);  // it is the portal's
    const auto port = std::to_string(port_of(f.registry));
    for (const auto* host : {"localhost", "LOCALHOST.", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"})
        REQUIRE(put("Alias", "http://" + (host + (":" + port)), R"("gateway")").status == 200);
    CHECK(put("LoopAlias", "localhost:" + std::to_string(port_of(portal)), R"("gateway")").status == 403);
    f.w.until("the last is known", [&] { return f.holds(f.status(), "Alias"); });
    CHECK_THAT(f.get("/api/Shop/"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/api/Shut/"), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(f.get("/api/Named/"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/api/RegistryService/services"), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(f.get("/api/Loop/heartbeat"), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(f.get("/api/Alias/services"), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(f.get("/api/LoopAlias/heartbeat"), StartsWith("HTTP/1.1 404"));
    CHECK(open.requests().size() == 1);
}

TEST_CASE("an exposed service without usable instances is 503, not 404") {
    gateway_fixture f({"--portal-gateway-services=Named"});
    CHECK_THAT(f.get("/api/Named/x"), StartsWith("HTTP/1.1 503") && Contains("Retry-After: 5\r\n"));
    auto& shop = f.instance(says_ok);
    const auto drain = f.registry + "/services/" + http::percent_encode(f.base(shop)) + "/drain";
    REQUIRE(f.w.http("PUT", drain).status == 200);
    f.w.until("the gateway heard of it", [&] { return !f.holds(f.status(), f.base(shop)); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 503") && Contains("Retry-After: 5\r\n"));
    CHECK_THAT(f.get("/api/Other/x"), StartsWith("HTTP/1.1 404"));
    REQUIRE(f.w.http("DELETE", drain).status == 200);
    f.w.until("it is back", [&] { return f.holds(f.status(), f.base(shop)); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("the cookie of the portal's own forms reaches no instance") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance(says_ok);
    static_cast<void>(f.get("/api/Shop/x", "Cookie: a=1; distd_form=0123; b=2\r\n"));
    CHECK_THAT(shop.requests().back(), Contains("Cookie: a=1; b=2\r\n") && !Contains("distd_form"));
}

TEST_CASE("errors are problem+json for programs and a page for people, with the request's id") {
    gateway_fixture f;
    const auto for_programs = f.get("/api/Nobody/x", "X-Request-Id: abcdefgh1\r\n");
    CHECK_THAT(for_programs, StartsWith("HTTP/1.1 404") && Contains("application/problem+json") &&
                                 Contains(R"("request_id":"abcdefgh1")"));
    const auto for_people = f.get("/api/%3Cb%3E/x", "Accept: text/html\r\nX-Request-Id: abcdefgh1\r\n");
    CHECK_THAT(for_people, StartsWith("HTTP/1.1 404") && Contains("text/html") && Contains("abcdefgh1") &&
                               !Contains("<b>"));
}

TEST_CASE("a client over its rate gets 429 with Retry-After, others are not affected") {
    gateway_fixture f(both_ways(), {"--portal-gateway-rate=1", "--portal-gateway-burst=2",
                                    "--portal-gateway-key-header=X-Api-Key"});
    f.instance(says_ok);
    for (int i = 0; i < 2; ++i)
        CHECK_THAT(f.get("/api/Shop/", "X-Api-Key: a\r\n"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/api/Shop/", "X-Api-Key: a\r\n"),
               StartsWith("HTTP/1.1 429") && Contains("Retry-After: 1\r\n"));
    CHECK_THAT(f.get("/api/Shop/", "X-Api-Key: b\r\n"), StartsWith("HTTP/1.1 200"));
    f.w.time.advance(seconds(1));
    CHECK_THAT(f.get("/api/Shop/", "X-Api-Key: a\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("behind a trusted proxy the rate limit applies to the client that the proxy reports") {
    gateway_fixture f({"--portal-gateway-rate=1", "--portal-gateway-trusted-proxies=127.0.0.1"});
    f.instance(says_ok);
    const auto from = [&](const std::string& claim, const std::string& client) {
        return f.get("/api/Shop/", "X-Forwarded-For: " + claim + "\r\nX-Forwarded-For: " + client + "\r\n");
    };
    CHECK_THAT(from("1.1.1.1", "10.0.0.9"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(from("2.2.2.2", "10.0.0.9"), StartsWith("HTTP/1.1 429"));
    CHECK_THAT(from("2.2.2.2", "10.0.0.8"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a client of the gateway cannot leave its rate by another address of its own /64") {
    gateway_fixture f({"--portal-gateway-rate=1", "--portal-gateway-trusted-proxies=127.0.0.1"});
    f.instance(says_ok);
    const auto from = [&](const std::string& client) {
        return f.get("/api/Shop/", "X-Forwarded-For: " + client + "\r\n");
    };
    CHECK_THAT(from("2001:db8::1"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(from("2001:db8::2"), StartsWith("HTTP/1.1 429"));
    CHECK_THAT(from("2001:db8:0:1::1"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a path above the exposed prefix reaches no instance") {
    gateway_fixture f;
    REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/routes/shop",
                     R"({"service":"Shop","prefix":"/shop","strip_prefix":true,"add_prefix":"/public"})")
                .status < 300);
    auto& shop = f.instance(says_ok);
    f.w.until("the route holds", [&] { return f.holds(f.status(), R"("prefix":"/shop")"); });
    for (const auto* path :
         {"/api/Shop/../x", "/api/Shop/%2e%2e/x", "/api/Shop/a/..%2f../x", "/shop/../secret",
          "/shop/%2E./secret", "/shop/..;/secret", "/shop/a;b/..;c/..;/secret"})
        CHECK_THAT(f.get(path), StartsWith("HTTP/1.1 400") && Contains("leads above"));
    CHECK(shop.requests().empty());
    CHECK_THAT(f.get("/shop/a;b=../x"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/shop/a/../b"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(shop.requests().back(), StartsWith("GET /public/a/../b HTTP/1.1"));
}

TEST_CASE("routes are updated from the central configuration, and invalid ones are reported") {
    gateway_fixture f;
    CHECK_THAT(f.get("/shop/x"), StartsWith("HTTP/1.1 404"));
    const auto put = [&](const std::string& name, const std::string& value) {
        REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/routes/" + name, value).status < 300);
    };
    put("bad", R"({"service":"Shop","prefix":"no"})");
    put("shop",
        R"({"service":"Shop","prefix":"/shop","strip_prefix":true,"request_headers":{"set":{"X-R":"1"}},)"
        R"("response_headers":{"add":{"X-S":"2"}}})");
    f.w.until("the route holds", [&] { return f.holds(f.status(), R"("prefix":"/shop")"); });
    CHECK_THAT(f.get("/shop/x"), StartsWith("HTTP/1.1 503"));
    auto& shop = f.instance(says_ok, R"("Zone":"z")");
    CHECK_THAT(f.status(), Contains("gateway/routes/bad: prefix"));
    CHECK_THAT(f.get("/shop/x?y"), StartsWith("HTTP/1.1 200") && Contains("X-S: 2\r\n"));
    CHECK_THAT(shop.requests().back(), StartsWith("GET /x?y HTTP/1.1") && Contains("X-R: 1\r\n"));
    CHECK_THAT(f.w.http("GET", f.portal + "/metrics").body, Contains("distd_gateway_route_errors 1"));
}

TEST_CASE("an invalid list of exposed services changes nothing") {
    gateway_fixture f;
    f.instance(says_ok);
    raw_server other(f.w.loop, says_ok);
    REQUIRE(f.w.http("POST", f.registry + "/services",
                     R"({"ServiceName":"Other","ServiceURL":")" + other.url("") + "\"}")
                .status == 200);
    const auto put = [&](const std::string& value) {
        REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/services", value).status < 300);
    };
    put(R"(["Other"])");
    f.w.until("it is exposed", [&] { return f.holds(f.status(), R"("name":"Other")"); });
    put(R"(["Other")");
    f.w.until("the mistake is named", [&] { return f.holds(f.status(), "gateway/services: not JSON"); });
    CHECK_THAT(f.get("/api/Other/x"), StartsWith("HTTP/1.1 200"));
    put("[]");
    f.w.until("it is not any more", [&] { return !f.holds(f.status(), R"("name":"Other")"); });
    CHECK_THAT(f.get("/api/Other/x"), StartsWith("HTTP/1.1 404"));
}

TEST_CASE(
    "a route to a host has all of its paths, those of the portal's own pages too; other hosts keep theirs") {
    gateway_fixture f({"--allowed-hosts=*.example"});
    auto& shop = f.instance(says_ok);
    const auto route = f.registry + "/config/gateway/routes/shop";
    REQUIRE(f.w.http("PUT", route, R"({"service":"Shop","host":"shop.example"})").status == 201);
    f.w.until("the route is known", [&] { return f.holds(f.status(), "shop.example"); });
    const auto at = [&](const std::string& host, const std::string& path) {
        return f.exchange("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    };
    for (const std::string path :
         {"/", "/students", "/api/Shop/x", "/services", "/gateway/status", "/any/thing?q=1"}) {
        CHECK_THAT(at("shop.example:5005", path), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
        CHECK_THAT(shop.requests().back(), StartsWith("GET " + path + " HTTP/1.1\r\n"));
    }
    CHECK_THAT(at("portal.example", "/"), StartsWith("HTTP/1.1 301"));
    CHECK_THAT(at("portal.example", "/api/Shop/x"), EndsWith("\r\n\r\nhi"));
    CHECK_THAT(shop.requests().back(), StartsWith("GET /x HTTP/1.1\r\n"));
    REQUIRE(f.w.http("DELETE", route).status < 300);
    f.w.until("the route is gone", [&] { return !f.holds(f.status(), "shop.example"); });
    CHECK_THAT(at("shop.example", "/"), StartsWith("HTTP/1.1 301"));
}
