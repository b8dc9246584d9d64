// The portal's certificate by ACME: what is served and said while the CA is away.
#include <catch2/catch.hpp>

#include "support/temp_dir.hpp"
#include "support/world.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

const std::string nobody = "https://127.0.0.1:1/dir";

std::vector<std::string> with_acme(std::vector<std::string> more = {}) {
    std::vector<std::string> flags{"--tls-listen=127.0.0.1:0", "--portal-acme=me@example.org",
                                   "--portal-acme-names=shop.example", "--portal-acme-directory=" + nobody};
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
}

}  // namespace

TEST_CASE("a portal whose CA is away serves, says so, and keeps the place for challenges to itself") {
    in_process_world w;
    w.start("portal", "portal", with_acme({"--portal-http=redirect"}));
    const auto url = w.plain_address("portal", "portal");
    const auto token = w.http("GET", url + "/.well-known/acme-challenge/x");
    CHECK(token.status == 404);  // and not sent on to https
    CHECK(w.http("GET", url + "/students").status == 308);
}

TEST_CASE("what is said of a certificate that is not issued yet is said to operators and to people") {
    in_process_world w;
    w.start("portal", "portal", with_acme());
    const auto url = w.address("portal", "portal");
    w.until("the CA was asked", [&] {
        return w.http("GET", url + "/gateway/status").body.find("last_error") != std::string::npos;
    });
    const auto status = w.http("GET", url + "/gateway/status").body;
    CHECK_THAT(status, Contains(R"("issued":false)") && Contains("127.0.0.1 cannot be asked") &&
                           Contains(R"("next_try")") && Contains(R"("names":["shop.example"])"));
    const auto page = w.http("GET", url + "/status").body;
    CHECK_THAT(page, Contains("not issued yet") && Contains("127.0.0.1 cannot be asked"));
    CHECK_THAT(
        w.http("GET", url + "/metrics").body,
        Contains("distd_acme_failures ") && Contains("distd_tls_certificate_days_left{file=\"acme\"} 0"));
}
