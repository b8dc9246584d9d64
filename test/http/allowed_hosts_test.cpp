// A browser believes that a page is of the site that its address names, wherever that name leads. So a role
// answers only to names that are its own.
#include "role/gateway_fixture.hpp"
#include "role/role.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

struct asked {
    std::string role;
    std::string method;
    std::string path;
    std::string body;
};

// As a browser sends it for a page of evil.example, whose name leads here since a moment ago.
std::string rebound(in_process_world& w, const std::string& url, const asked& a, const std::string& host) {
    raw_peer peer(port_of(url), [&w] { w.pump(); });
    peer.send(a.method + " " + a.path + " HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
              "\r\nSec-Fetch-Site: same-origin\r\nContent-Length: " + std::to_string(a.body.size()) +
              "\r\n\r\n" + a.body);
    return peer.read_answer();
}

}  // namespace

TEST_CASE("a Host that is not the role's own is refused on every route") {
    in_process_world w;
    w.start("all", "all");
    for (const auto& a : std::vector<asked>{
             {"registry", "PUT", "/config/a", "evil"},
             {"registry", "POST", "/services", R"({"ServiceName":"Evil","ServiceURL":"http://127.0.0.1:9"})"},
             {"registry", "GET", "/services", ""},
             {"registry", "GET", "/heartbeat", ""},
             {"log", "POST", "/log", "[Evil] - evil"},
             {"log", "GET", "/log", ""},
             {"grading", "DELETE", "/students/1", ""},
             {"grading", "GET", "/backup", ""},
             {"portal", "GET", "/students", ""},
             {"portal", "POST", "/students/1/grades", "Title=evil&Type=Exam&Score=1"},
             {"portal", "GET", "/api/GradingService/students", ""},
             {"console", "GET", "/", ""},
         }) {
        CAPTURE(a.role, a.method, a.path);
        CHECK_THAT(rebound(w, w.address("all", a.role), a, "evil.example:8080"),
                   StartsWith("HTTP/1.1 421 Misdirected Request") && Contains("application/problem+json") &&
                       Contains("evil.example:8080 are not answered here") && Contains("--allowed-hosts"));
    }
    const auto services = w.http("GET", w.address("all", "registry") + "/services").body;
    CHECK_THAT(services, !Contains("Evil"));
    CHECK(w.http("GET", w.address("all", "registry") + "/config/a").status == 404);
    CHECK(w.http("GET", w.address("all", "grading") + "/students/1").status == 200);
}

TEST_CASE(
    "a role answers to addresses, localhost, its machine, where it is advertised and what is configured") {
    in_process_world w;
    w.start("both", "registry,log",
            {"--allowed-hosts=logs.example,*.lan.example", "--advertise=log=http://front.example:81"});
    const auto url = w.address("both", "registry");
    std::array<char, 256> machine{};
    REQUIRE(::gethostname(machine.data(), machine.size() - 1) == 0);
    for (const auto& host : std::vector<std::string>{
             "127.0.0.1:1", "10.0.0.1", "[::1]:1", "localhost", "log.localhost:1", machine.data(),
             "logs.example", "LOGS.example:4000", "a.lan.example", "front.example", "front.example:81"}) {
        CAPTURE(host);
        CHECK_THAT(rebound(w, url, {"registry", "GET", "/services", ""}, host), StartsWith("HTTP/1.1 200"));
    }
    raw_peer old(port_of(url), [&w] { w.pump(); });
    old.send("GET /heartbeat HTTP/1.0\r\n\r\n");
    CHECK_THAT(old.read_until_close(), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("the portal accepts the hosts of its routes while these exist") {
    gateway_fixture f;
    f.instance(says_ok);
    const auto ask = [&](const std::string& host) {
        return f.exchange("GET /x HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    };
    CHECK_THAT(ask("shop.example"), StartsWith("HTTP/1.1 421"));
    const auto key = f.registry + "/config/gateway/routes/shop";
    REQUIRE(f.w.http("PUT", key, R"({"service":"Shop","host":"shop.example"})").status == 201);
    f.w.until("the route is known", [&] { return f.holds(f.status(), "shop.example"); });
    CHECK_THAT(ask("shop.example:80"), StartsWith("HTTP/1.1 200") && Contains("hi"));
    CHECK_THAT(ask("evil.example"), StartsWith("HTTP/1.1 421"));
    REQUIRE(f.w.http("DELETE", key).status < 300);
    f.w.until("the route is gone", [&] { return !f.holds(f.status(), "shop.example"); });
    CHECK_THAT(ask("shop.example"), StartsWith("HTTP/1.1 421"));
}
