// Who may tell a service of ours where its providers are.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

const std::string patch = R"({"Added":[{"Name":"GradingService","URL":"http://127.0.0.1:9"}],"Removed":[]})";

std::string patch_with(const std::string& path, const std::string& fields) {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields +
           "Content-Length: " + std::to_string(patch.size()) + "\r\n\r\n" + patch;
}

}  // namespace

TEST_CASE("a cross-site page cannot send patches to the portal") {
    gateway_fixture f;
    const auto field = GENERATE(Catch::Generators::values<std::string>(
        {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"}));
    const auto text_form = field + "Content-Type: text/plain\r\n";
    CHECK_THAT(f.exchange(patch_with("/services", text_form)),
               StartsWith("HTTP/1.1 403") && Contains("come from a registry"));
    CHECK_THAT(f.w.http("GET", f.portal + "/status").body, !Contains("127.0.0.1:9<"));
    CHECK_THAT(f.exchange(patch_with("/services", {})), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.w.http("GET", f.portal + "/status").body, Contains("127.0.0.1:9<"));
}

TEST_CASE("patches cannot be sent through the gateway") {
    gateway_fixture f({"--portal-gateway-services=LogService"});
    f.w.start("log", "log", {"--registry=" + f.registry});
    f.w.until("the gateway knows it",
              [&] { return f.holds(f.get("/api/LogService/heartbeat"), "HTTP/1.1 200"); });
    CHECK_THAT(f.exchange(patch_with("/api/LogService/services", {})),
               StartsWith("HTTP/1.1 403") && Contains("come from a registry"));
    CHECK_THAT(f.exchange(patch_with("/api/LogService/services", "Via: 1.1 distd\r\nConnection: Via\r\n")),
               StartsWith("HTTP/1.1 403"));
}
