// What pages of other sites make a browser send, with the credentials and from the address of whoever looks
// at them, stops at the gateway.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

const std::vector<std::string> other_sites{"Origin: http://evil.example\r\n", "Origin: null\r\n",
                                           "Sec-Fetch-Site: cross-site\r\n",
                                           "Origin: http://localhost\r\nSec-Fetch-Site: same-site\r\n"};
const std::vector<std::string> own_site{"", "Origin: http://localhost\r\n", "Sec-Fetch-Site: same-origin\r\n",
                                        "Sec-Fetch-Site: none\r\n"};
const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

std::string ask(gateway_fixture& f, const std::string& method, const std::string& fields,
                const std::string& path = "/api/Shop/x") {
    return f.exchange(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields +
                      (fields.starts_with("Connection") ? "\r\n" : "Connection: close\r\n\r\n"));
}

}  // namespace

TEST_CASE("cross-site requests with side effects reach no instance") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    for (const auto& field : other_sites) {
        CAPTURE(field);
        for (const std::string method : {"POST", "PUT", "PATCH", "DELETE", "PROPFIND"})
            CHECK_THAT(ask(f, method, field), StartsWith("HTTP/1.1 403") && Contains("another site") &&
                                                  Contains(R"("at":"client")"));
        CHECK_THAT(ask(f, "GET", upgrade + field), StartsWith("HTTP/1.1 403"));
    }
    CHECK(shop.requests().empty());
}

TEST_CASE("requests of programs, same-site pages and cross-site reads are forwarded") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    for (const auto& field : own_site) {
        CAPTURE(field);
        CHECK_THAT(ask(f, "POST", field), StartsWith("HTTP/1.1 200"));
        CHECK_THAT(ask(f, "GET", upgrade + field), StartsWith("HTTP/1.1 200"));
    }
    for (const auto& field : other_sites)
        for (const std::string method : {"GET", "OPTIONS"})
            CHECK_THAT(ask(f, method, field), StartsWith("HTTP/1.1 200"));
    CHECK(shop.requests().size() == 2 * own_site.size() + 2 * other_sites.size());
}

TEST_CASE("a route may allow cross-site requests") {
    gateway_fixture f;
    f.instance(says_ok);
    const auto route = R"({"service":"Shop","prefix":"/shop","allow_cross_site":true})";
    REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/routes/shop", route).status == 201);
    f.w.until("the route is known", [&] { return f.holds(f.status(), "/shop"); });
    for (const auto& field : other_sites) {
        CHECK_THAT(ask(f, "POST", field, "/shop"), StartsWith("HTTP/1.1 200"));
        CHECK_THAT(ask(f, "GET", upgrade + field, "/shop"), StartsWith("HTTP/1.1 200"));
        CHECK_THAT(ask(f, "POST", field), StartsWith("HTTP/1.1 403"));
    }
}
