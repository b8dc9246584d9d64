// distd certs, against gateways with certificates from files, by ACME, and one that is away.
#include <filesystem>

#include "client/client_fixture.hpp"
#include "support/test_certificate.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("the certificates of all gateways are listed, and a gateway that is away is named") {
    small_town t;
    const auto pair = t.sh.home("pair.pem");
    std::ofstream(pair) << any_certificate().pair();
    std::filesystem::permissions(pair,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const words common{t.registry_flag(), "--heartbeat-interval=200ms", "--tls-listen=portal=127.0.0.1:0"};
    const auto with = [&](words more) {
        more.insert(more.end(), common.begin(), common.end());
        return more;
    };
    t.w.start("files", "portal", with({"--tls-cert-file=" + pair}));
    t.until_up("Portald=1");
    t.w.start("acme", "portal",
              with({"--portal-acme=me@example.org", "--portal-acme-names=shop.example",
                    "--portal-acme-directory=https://127.0.0.1:1/dir", "--portal-http=redirect"}));
    t.until_up("Portald=2");
    const auto as_json = [&] { return t.sh.distd({"certs", "--json"}).out; };
    t.w.until("the CA was asked", [&] { return as_json().find("cannot be asked") != std::string::npos; });
    const auto both = t.sh.distd({"certs"});
    CHECK(both.code == 0);
    CHECK(both.err.empty());
    CHECK_THAT(both.out, Contains("localhost, 127.0.0.1") && Contains("in use") && Contains("shop.example") &&
                             Contains("not issued yet") && Contains("a CA (ACME)"));
    CHECK_THAT(as_json(), Contains("pair.pem") && Contains(R"("issued":false)") &&
                              Contains("waits for the next try") && Contains(R"("next_try":"20)"));

    const auto files = t.w.address("files", "portal");
    t.w.kill("files");
    const auto one = t.sh.distd({"certs"});
    CHECK(one.code == 0);
    CHECK_THAT(one.out, !Contains("in use") && Contains("shop.example"));
    CHECK_THAT(one.err, Contains("cannot reach the gateway at " + files));
    t.w.kill("acme");
    const auto none = t.sh.distd({"certs"});
    CHECK(none.code == 1);
    CHECK_THAT(none.err, Contains("cannot reach the gateway"));
}
