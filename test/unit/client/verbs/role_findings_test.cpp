// What distd doctor makes of the answers of a role.
#include "client/verbs/role_findings.hpp"

#include <catch2/catch.hpp>

#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::client;
using Catch::Contains;

namespace {

// At noon, of a role that is well.
role_answers well() {
    role_answers r;
    r.name = "LogService";
    r.base = "http://10.0.0.7:4000";
    r.health.status = 200;
    r.health.headers.set("Date", "Sat, 21 Nov 2026 12:00:00 GMT");
    r.metrics.status = 200;
    r.metrics.body =
        "# TYPE distd_build_info gauge\ndistd_build_info{version=\"0.2.0\"} 1\n"
        "distd_store_closed_other 1\ndistd_store_closed{store=\"grades\"} 0\n"
        "distd_store_closed{store=\"log\"} 0\n";
    return r;
}

}  // namespace

TEST_CASE("a role that answers is well, and its version is reported") {
    const auto found = findings_of(well(), noon + seconds(29));
    REQUIRE(found.size() == 1);
    CHECK(found[0].how == verdict::good);
    CHECK(found[0].words == "http://10.0.0.7:4000 answers, version 0.2.0");
}

TEST_CASE("a clock that is off is reported, in either direction") {
    for (const auto now : {noon + seconds(300), noon - seconds(300)}) {
        const auto found = findings_of(well(), now);
        REQUIRE(found.size() == 2);
        CHECK(found[0].how == verdict::bad);
        CHECK_THAT(found[0].words, Contains("its clock is 5\u00a0min off ours"));
    }
}

TEST_CASE("a store that takes no writes is reported by its name, whichever of them it is") {
    auto r = well();
    r.health.status = 503;
    r.health.body = R"({"detail":"its store takes nothing until its disk can be written."})";
    r.metrics.body += "distd_store_closed{store=\"late\"} 1\n";
    const auto found = findings_of(r, noon);
    REQUIRE(found.size() == 2);
    CHECK(found[0].words == "http://10.0.0.7:4000: its disk takes no writes of the store late");
    CHECK(found[1].words == "http://10.0.0.7:4000: its store takes nothing until its disk can be written");
    for (const auto& f : found) CHECK(f.how == verdict::bad);
}

TEST_CASE("a role that refuses its metrics is reported with its words") {
    auto r = well();
    r.metrics = {401, {}, R"({"detail":"An access token is needed."})"};
    const auto found = findings_of(r, noon);
    REQUIRE(found.size() == 1);
    CHECK(found[0].how == verdict::bad);
    CHECK(found[0].words == "http://10.0.0.7:4000 refused: An access token is needed");
}

TEST_CASE("different versions are reported with who has them, and one version is not") {
    CHECK_FALSE(finding_of_versions({{"0.2.0", {"LogService", "this client"}}}));
    const auto found = finding_of_versions({{"0.1.0", {"registry"}}, {"0.2.0", {"LogService", "Portald"}}});
    REQUIRE(found);
    CHECK(found->words == "0.1.0: registry; 0.2.0: LogService and Portald");
}
