// Where no visitor is led to, whoever registers it and by whatever name; and that what others put into their
// registrations takes nothing from anybody.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

void put(gateway_fixture& f, const std::string& name, const std::string& url, const std::string& more = {}) {
    const auto answer = f.w.http(
        "POST", f.registry + "/services",
        R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + R"(","Tags":["gateway"])" + more + "}");
    REQUIRE(answer.status == 200);
    f.w.until("the gateway knows " + name, [&] { return f.holds(f.status(), name); });
}

}  // namespace

TEST_CASE("what the portal needs for itself is not exposed by somebody else's registration") {
    gateway_fixture f;
    f.w.start("log", "log", {"--registry=" + f.registry});
    const auto log = f.w.address("log", "log");
    f.w.until("the portal heard of the log service",
              [&] { return f.holds(f.w.http("GET", f.portal + "/status").body, log); });
    put(f, "Lines", "http://localhost:" + std::to_string(port_of(log)));
    CHECK_THAT(f.get("/api/Lines/log"), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(f.status(), Contains("one of its dependencies that is not exposed"));
}

TEST_CASE("the gateway connects to allowed addresses only, and says which setting would allow another") {
    const bool is_allowed = GENERATE(false, true);
    std::vector<std::string> flags{"--portal-gateway-services=Far"};
    if (is_allowed) flags.emplace_back("--portal-gateway-allow=loopback,10.9.8.7");
    gateway_fixture f(flags, {"--registry-allow=loopback,private"});
    put(f, "Far", "http://10.9.8.7:80");
    f.w.until("the gateway knows its address", [&] { return f.holds(f.status(), "10.9.8.7"); });
    const auto setting = "--portal-gateway-allow=loopback,10.9.8.7 would allow it";
    CHECK(f.holds(f.status(), setting) == !is_allowed);
    if (!is_allowed) CHECK_THAT(f.get("/api/Far/x"), StartsWith("HTTP/1.1 503"));
}

TEST_CASE("a setting of allowed addresses that makes no sense is named at the start") {
    in_process_world w;
    CHECK_THROWS_WITH(w.start("portal", "portal", {"--portal-gateway-allow=everything"}),
                      Contains("--portal-gateway-allow=everything") && Contains("'everything'"));
}

TEST_CASE("the metrics of a service go when it is exposed no more") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    const std::string series = R"(distd_gateway_requests_total{service="Shop"})";
    CHECK(f.metric(series) == "1");
    REQUIRE(f.w.http("DELETE", f.registry + "/services", f.base(shop), "text/plain").status == 200);
    f.w.until("the gateway heard of it", [&] { return !f.holds(f.status(), "Shop"); });
    CHECK_FALSE(f.holds(f.w.http("GET", f.portal + "/metrics").body, R"(service="Shop")"));
}

TEST_CASE("a registry that does not know how to choose fields is asked for whole lists") {
    in_process_world w;
    std::vector<std::string> asked;
    raw_server old_registry(w.loop, [&](int, const std::string& request) {
        if (!request.starts_with("GET /services?") && !request.starts_with("GET /services "))
            return says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        asked.push_back(request.substr(0, request.find(" HTTP")));
        if (request.find("fields=") != std::string::npos)
            return says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        const std::string list =
            R"([{"ServiceName":"Shop","ServiceURL":"http://127.0.0.1:9","Tags":["gateway"]}])";
        return says("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(list.size()) + "\r\n\r\n" + list);
    });
    w.start("portal", "portal", {"--registry=" + old_registry.url("")});
    const auto status = w.address("portal", "portal") + "/gateway/status";
    w.until("the gateway knows it",
            [&] { return w.http("GET", status).body.find("Shop") != std::string::npos; });
    CHECK_THAT(asked.front(), Contains("fields=ServiceName,ServiceURL"));
    CHECK(asked.at(1) == "GET /services");
}

TEST_CASE("an answer that depends on what the client accepts says so") {
    gateway_fixture f;
    CHECK_THAT(f.get("/api/Nobody/x", "Accept: text/html\r\n"), Contains("\r\nVary: Accept\r\n"));
    CHECK_THAT(f.get("/api/Nobody/x"), Contains("\r\nVary: Accept\r\n"));
}
