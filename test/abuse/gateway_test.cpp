// Who wants the gateway to lead where nobody opted in, and pages of other sites that use their visitors'
// browsers against the services behind it.
#include <catch2/catch.hpp>

#include "abuse/listener.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

std::vector<std::string> spellings(std::uint16_t port) {
    const auto behind = ":" + std::to_string(port);
    std::vector<std::string> all;
    for (const auto* host : {"127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.0.0.2", "127.1",
                             "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "a.localhost"})
        all.push_back("http://" + (host + behind));
    for (const auto* path : {"?", "/config/..", "/%2e%2e/", "/x"})
        all.push_back("http://127.0.0.1" + (behind + path));
    all.push_back("HTTP://127.0.0.1" + behind);
    all.push_back("127.0.0.1" + behind);
    return all;
}

std::string send(std::uint16_t port, const std::string& method, const std::string& target,
                 const std::string& fields, const std::string& body = "a=b",
                 const std::string& source = attacker_source) {
    raw_peer peer(port, {}, source);
    const bool has_body = method != "GET" && method != "OPTIONS";
    const auto rest =
        has_body ? "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body : "\r\n";
    static_cast<void>(peer.send(method + " " + target +
                                " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields + rest));
    return peer.read_until_close();
}

}  // namespace

// Registers the URLs of the registry, the log, the portal and a service that did not opt in, in every
// spelling, with the tag that opts in; then reads, and configures the gateway, through the gateway.
TEST_CASE(
    "registrations of somebody else's URL open nothing, under whatever spelling, and another is served") {
    victim v("registry,log,portal");
    listener shut(says_ok);  // is registered, and did not opt in
    const auto list = v.url("registry") + "/services";
    REQUIRE(exchange("POST", list, registration("Shut", shut.url())).status == 200);
    std::vector<std::pair<std::string, std::string>> all;  // names, and the roles that they lead to
    const auto open = [&](const std::string& role, std::uint16_t port, const std::string& source) {
        for (const auto& url : spellings(port)) {
            all.emplace_back("Z" + std::to_string(all.size()), role);
            const auto body = registration(all.back().first, url, R"(,"Tags":["gateway"])");
            static_cast<void>(send(v.port("registry"), "POST", "/services", "", body, source));
        }
    };
    for (std::size_t round = 0; round < scaled(1); ++round) {
        for (const std::string role : {"registry", "log", "portal"}) open(role, v.port(role), "127.0.0.1");
        open("shut", shut.port(),
             attacker_source);  // from its machine it could be replaced, by its neighbours
    }
    for (const auto* metadata : {"http://169.254.169.254/latest", "http://[fd00:ec2::254]/",
                                 "http://100.100.100.200", "http://[::ffff:169.254.169.254]"})
        CHECK(exchange("POST", list, registration("Meta", metadata, R"(,"Tags":["gateway"])")).status == 400);
    instance shop(v, "Shop", says_ok);  // the gateway knows all that was registered before it
    other_client other(v.url("portal") + "/api/Shop/x");
    for (const auto& [name, role] : all) {
        CAPTURE(name, role);
        const auto through = v.url("portal") + "/api/" + name;
        const auto read = exchange("GET", through + (role == "log" ? "/log" : "/services"));
        CHECK((read.status == 404 || read.status == 502 || read.status == 503));
        const auto written = exchange("PUT", through + "/config/gateway/services", R"(["Shut"])");
        CHECK((written.status == 404 || written.status == 502 || written.status == 503));
    }
    check_served("somebody else's URLs", other.stop());
    CHECK(exchange("GET", v.url("registry") + "/config/gateway/services").status == 404);
    CHECK(shut.requests().empty());
    CHECK(v.peak_mib() < 400);
    CHECK(v.stop() == 0);
}

// Makes a browser post to a service behind the gateway, and open a WebSocket there, from a page of another
// site.
TEST_CASE("what a page of another site makes a browser send reaches no instance, and another is served") {
    victim v("registry,portal");
    instance shop(v, "Shop", says_ok);
    const std::string socket = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    other_client other(v.url("portal") + "/api/Shop/x");
    for (std::size_t i = 0; i < scaled(5); ++i)
        for (const std::string from :
             {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
              "Origin: http://evil.example\r\nX-Forwarded-Host: evil.example\r\nSec-Fetch-Site: "
              "cross-site\r\n",
              "Origin: http://localhost:1\r\nSec-Fetch-Site: same-site\r\n"}) {
            CAPTURE(from);
            for (const std::string method : {"POST", "PUT", "DELETE", "PATCH", "PURGE"})
                CHECK_THAT(send(v.port("portal"), method, "/api/Shop/evil", from),
                           StartsWith("HTTP/1.1 403"));
            CHECK_THAT(send(v.port("portal"), "GET", "/api/Shop/evil", socket + from),
                       StartsWith("HTTP/1.1 403"));
        }
    check_served("pages of other sites", other.stop());
    CHECK(shop.received("GET /evil") + shop.received("POST /evil") + shop.received("DELETE /evil") == 0);
    CHECK_THAT(send(v.port("portal"), "OPTIONS", "/api/Shop/asks", "Origin: http://evil.example\r\n"),
               StartsWith("HTTP/1.1 200"));
    CHECK(v.peak_mib() < 400);
    CHECK(v.stop() == 0);
}
