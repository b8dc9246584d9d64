// Where no visitor is led to, whoever registers it and by whatever name; and that what others put into their
// registrations takes nothing from anybody.
#include <catch2/catch.hpp>
#include <fstream>

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

// A registry of another make with that list, in the form of ours.
raw_server::script lists(const std::string& instances) {
    return [instances](int, const std::string& request) {
        if (!request.starts_with("GET /services"))
            return says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        const auto list = "[" + instances + "]";
        return says("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(list.size()) + "\r\n\r\n" + list);
    };
}

std::string instance_of(const std::string& name, const std::string& url, const std::string& more = {}) {
    return R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + '"' + more + "}";
}

// Registered by an operator, wherever it leads to.
void vouch(in_process_world& w, const std::string& registry, const std::string& registration) {
    std::string secret;
    std::getline(std::ifstream(w.data_dir("registry") + "/registry/operator.secret"), secret);
    const auto taken = exchange(
        "POST", registry + "/services", registration, "application/json", [&] { w.pump(); },
        "X-Owner-Secret: " + secret + "\r\n");
    REQUIRE(taken.status == 200);
}

}  // namespace

TEST_CASE("what the portal needs for itself is not exposed by somebody else's registration") {
    gateway_fixture f;
    f.w.start("log", "log", {"--registry=" + f.registry});
    const auto log = f.w.address("log", "log");
    f.w.until("the portal heard of the log service",
              [&] { return f.holds(f.w.http("GET", f.portal + "/status").body, log); });
    const auto alias = R"({"ServiceName":"Lines","ServiceURL":"http://localhost:)" +
                       std::to_string(port_of(log)) + R"(","Tags":["gateway"]})";
    CHECK(f.w.http("POST", f.registry + "/services", alias).status == 403);  // the log service is its owner
    CHECK_THAT(f.get("/api/Lines/log"), StartsWith("HTTP/1.1 404"));
    // One of another make has no owner.
    raw_server foreign(f.w.loop, says_ok);
    const auto log_service = R"({"ServiceName":"LogService","ServiceURL":")" + f.base(foreign) + R"("})";
    REQUIRE(f.w.http("POST", f.registry + "/services", log_service).status == 200);
    f.w.until("the portal heard of it, too",
              [&] { return f.holds(f.w.http("GET", f.portal + "/status").body, f.base(foreign)); });
    put(f, "Others", "http://localhost:" + std::to_string(foreign.port()));
    CHECK_THAT(f.get("/api/Others/log"), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(f.status(), Contains("one of its dependencies that is not exposed"));
}

TEST_CASE("a service that did not opt in is not exposed by another registration at its address and port") {
    gateway_fixture f({"--portal-gateway-services=Named"});
    raw_server shut(f.w.loop, says_ok);
    const auto port = ":" + std::to_string(shut.port());
    const auto enroll = [&](const std::string& name, const std::string& url, const std::string& more) {
        return f.w.http("POST", f.registry + "/services",
                        R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + R"(")" + more + "}");
    };
    REQUIRE(enroll("Shut", f.base(shut), "").status == 200);
    int n = 0;
    for (const std::string& url :
         {f.base(shut) + "/", "http://localhost" + port, "http://LOCALHOST" + port, f.base(shut) + "/admin",
          "http://[::ffff:127.0.0.1]" + port, "http://127.9.9.9" + port}) {
        const auto name = "Alias" + std::to_string(n++);
        put(f, name, url);
        CHECK_THAT(f.get("/api/" + name + "/"), StartsWith("HTTP/1.1 503"));
    }
    CHECK_THAT(f.status(), Contains("at this address and port did not opt in"));
    // Nor is it by the name of a service that the operator exposes.
    REQUIRE(enroll("Named", "http://localhost" + port + "/named", "").status == 200);
    f.w.until("the gateway knows it", [&] { return f.holds(f.status(), "/named"); });
    CHECK_THAT(f.get("/api/Named/"), StartsWith("HTTP/1.1 503"));
    CHECK(shut.requests().empty());
    // It opts in itself: all who are there have.
    for (int i = 0; i < n; ++i) put(f, "Alias" + std::to_string(i), f.base(shut) + "/" + std::to_string(i));
    REQUIRE(enroll("Shut", f.base(shut), R"(,"Tags":["gateway"])").status == 200);
    f.w.until("it is open", [&] { return f.get("/api/Shut/").starts_with("HTTP/1.1 200"); });
}

TEST_CASE("a name that an operator vouches for leads to no service that did not opt in") {
    in_process_world w;
    w.look_up = [](const std::string&) {
        return http::address_list{boost::asio::ip::make_address("127.0.0.1")};
    };
    w.start("registry", "registry");
    const auto registry = w.address("registry", "registry");
    w.start("portal", "portal", {"--registry=" + registry, "--portal-gateway-services=Named"});
    const auto portal = w.address("portal", "portal");
    raw_server shut(w.loop, says_ok);
    const auto port = std::to_string(shut.port());
    const auto enroll = [&](const std::string& name, const std::string& url) {
        vouch(w, registry, instance_of(name, url));
    };
    enroll("Shut", "http://127.0.0.1:" + port);
    enroll("Named", "http://alias.example:" + port);
    w.until("the gateway knows it", [&] {
        return w.http("GET", portal + "/gateway/status").body.find("alias.example") != std::string::npos;
    });
    CHECK(w.http("GET", portal + "/api/Named/x").status == 502);
    CHECK(shut.requests().empty());
}

TEST_CASE("the gateway connects to allowed addresses only, and says which setting would allow another") {
    const bool is_allowed = GENERATE(false, true);
    std::vector<std::string> flags{"--portal-gateway-services=Far"};
    if (is_allowed) flags.emplace_back("--portal-gateway-allow=loopback,10.9.8.7");
    gateway_fixture f(flags, {"--registry-allow=loopback,private"});
    vouch(f.w, f.registry, instance_of("Far", "http://10.9.8.7:80"));
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

TEST_CASE("an exposed name is not opened by registrations that are not the registrant's") {
    in_process_world w;
    raw_server shop(w.loop, says_ok);
    raw_server registry(w.loop, lists(instance_of("Shop", shop.url("/Shop"), R"(,"Unproven":true)") + "," +
                                      instance_of("Fair", shop.url("/Fair"))));
    w.start("portal", "portal", {"--registry=" + registry.url(""), "--portal-gateway-services=Shop,Fair"});
    const auto portal = w.address("portal", "portal");
    const auto status = [&] { return w.http("GET", portal + "/gateway/status").body; };
    w.until("the gateway knows it", [&] { return status().find("/Fair") != std::string::npos; });
    CHECK(w.http("GET", portal + "/api/Shop/x").status == 503);
    CHECK_THAT(status(), Contains("from another machine than it leads to"));
    CHECK(w.http("GET", portal + "/api/Fair/x").status == 200);
}

TEST_CASE("an instance that is registered with a host name is used once an operator vouches for it") {
    in_process_world w;
    w.look_up = [](const std::string&) {
        return http::address_list{boost::asio::ip::make_address("127.0.0.1")};
    };
    w.start("registry", "registry");
    const auto registry = w.address("registry", "registry");
    w.start("portal", "portal", {"--registry=" + registry});
    const auto portal = w.address("portal", "portal");
    raw_server shop(w.loop, says_ok);
    const auto url = "http://shop.example:" + std::to_string(shop.port());
    const auto about = R"({"ServiceName":"Shop","ServiceURL":")" + url + R"(","Tags":["gateway"]})";
    REQUIRE(w.http("POST", registry + "/services", about).status == 200);
    CHECK_THAT(w.http("GET", registry + "/services/Shop").body, Contains(R"("Unproven":true)"));
    // What opts in itself would be exposed by then.
    raw_server fair(w.loop, says_ok);
    REQUIRE(w.http("POST", registry + "/services",
                   R"({"ServiceName":"Fair","ServiceURL":")" + fair.url("") + R"(","Tags":["gateway"]})")
                .status == 200);
    w.until("the gateway knows both", [&] { return w.http("GET", portal + "/api/Fair/x").status == 200; });
    CHECK(w.http("GET", portal + "/api/Shop/x").status == 404);
    CHECK(shop.requests().empty());
    vouch(w, registry, about);
    w.until("the operator's word counts",
            [&] { return w.http("GET", portal + "/api/Shop/x").status == 200; });
    CHECK_THAT(w.http("GET", registry + "/services/Shop").body, !Contains("Unproven"));
}

TEST_CASE("the addresses of one IPv6 network are one machine") {
    in_process_world w;
    const auto evil = [](const std::string& last) {
        return instance_of("Shop", "http://[2001:db8:1:1::" + last + "]:80", R"(,"Weight":60000)");
    };
    raw_server registry(w.loop, lists(instance_of("Shop", "http://192.0.2.77") + "," + evil("1") + "," +
                                      evil("2") + "," + evil("3") + "," + evil("4")));
    w.start(
        "portal", "portal",
        {"--registry=" + registry.url(""), "--portal-gateway-services=Shop", "--portal-gateway-allow=any"});
    const auto status = [&] { return w.http("GET", w.address("portal", "portal") + "/gateway/status").body; };
    w.until("the gateway knows it", [&] { return status().find("db8:1:1::4") != std::string::npos; });
    CHECK_THAT(status(), Contains(R"(77","weight":1,)") && Contains(R"(::3]:80","weight":2.5,)"));
}

TEST_CASE("what decides where keys belong stays over restarts") {
    in_process_world w;
    const auto kept = [&] {
        w.start("portal", "portal");
        w.stop("portal");
        std::string text;
        std::getline(std::ifstream(w.data_dir("portal") + "/portal/sticky.secret"), text);
        return text;
    };
    const auto before = kept();
    CHECK(before.size() == 64);
    CHECK(kept() == before);
}

TEST_CASE("an answer that depends on what the client accepts says so") {
    gateway_fixture f;
    CHECK_THAT(f.get("/api/Nobody/x", "Accept: text/html\r\n"), Contains("\r\nVary: Accept\r\n"));
    CHECK_THAT(f.get("/api/Nobody/x"), Contains("\r\nVary: Accept\r\n"));
}
