// What docs/how-to/units.md sets up to serve other machines: four processes with one file of tokens.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "scenario/scenario.hpp"
#include "support/free_port.hpp"
#include "support/temp_dir.hpp"

using namespace distd::test;
using Catch::Contains;

namespace {

const std::string token = "6d1f0c5a9e7b4f3d8c2a1b0e9f8d7c6b";

}  // namespace

TEMPLATE_TEST_CASE("four units with access tokens find each other, and the portal serves other machines",
                   "[scenario]", in_process_world, process_world) {
    temp_dir dir;
    const auto file = dir / "tokens";
    std::ofstream(file) << "# openssl rand -hex 32\n" << token << "\n";
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    const auto tokens = "--access-token-file=" + file;
    TestType w;
    const auto get = [&](const std::string& url, const std::string& headers) {
        return exchange(
            "GET", url, "", "", [&] { w.pump(); }, headers);
    };
    const auto bearer = "Authorization: Bearer " + token + "\r\n";

    const auto registry = start_role(w, "registry", {tokens});
    const auto log = start_role(w, "log", {tokens, registry_at(registry)});
    const auto grading = start_role(w, "grading", {tokens, registry_at(registry)});
    const auto port = free_port();
    const auto portal = start_role(w, "portal",
                                   {tokens, registry_at(registry), "--listen=portal=0.0.0.0:" + port,
                                    "--advertise=http://127.0.0.1:" + port});

    w.until("the portal shows the grade book", [&] {
        const auto page = get(portal + "/students", bearer);
        return page.status == 200 && page.body.find("Nick") != std::string::npos;
    });
    w.until("lines of grading are in the log", [&] {
        return get(log + "/log?service=GradingService", bearer).body.find("GradingService") !=
               std::string::npos;
    });
    const auto numbers = get(registry + "/metrics", bearer).body;
    CHECK_THAT(numbers, !Contains("distd_registry_patches_total{outcome=\"arrived\"} 0\n"));
    CHECK_THAT(numbers, Contains("distd_registry_patches_total{outcome=\"refused\"} 0\n"));
    CHECK_THAT(numbers, Contains("distd_registry_unsettled_subscribers 0\n"));
    CHECK_THAT(numbers, Contains("distd_registry_lost_instances 0\n"));

    for (const auto& url :
         {registry + "/services", log + "/log", grading + "/students", portal + "/students"}) {
        CAPTURE(url);
        CHECK(get(url, "").status == 401);
        CHECK(get(url, bearer).status == 200);
    }
    CHECK(get(portal + "/heartbeat", "").status == 200);
}
