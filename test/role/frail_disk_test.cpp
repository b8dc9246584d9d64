// Roles whose disk fails while they write or read: what is said to be stored is, "nothing was stored" is said
// where that is known, and what is not known is said, is settled, and counts once when it is sent again.
#include <catch2/catch.hpp>

#include "role/grading_fixture.hpp"
#include "role/registry_fixture.hpp"
#include "support/frail_disk.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

constexpr int for_long = 1'000'000;

const std::string key = "Idempotency-Key: k1\r\n";
const std::string student = R"({"FirstName":"Zoë","LastName":"Müller"})";

struct grades_scene {
    http_answer add(const std::string& headers = {}) { return g.send("POST", "/students", student, headers); }
    bool is_well() { return g.get("/heartbeat").status == 200; }

    frail_disk disk;  // outlives the service
    grade_book g;
};

struct registry_scene {
    http_answer put(const std::string& config_key) {
        return r.w.http("PUT", r.url() + "/config/" + config_key, "value", "text/plain");
    }
    http_answer enroll(const std::string& name) { return r.post(instance(name, "http://" + name)); }
    bool is_well() { return r.get("/heartbeat").status == 200; }

    frail_disk disk;
    registry_service r;
};

}  // namespace

TEST_CASE("a grade whose sync failed once is refused, is not there, and the next one is stored") {
    grades_scene s;
    s.disk.fail_syncs("grades.db-wal", 1);
    const auto refused = s.add(key);
    CHECK(refused.status == 500);
    CHECK_THAT(refused.body, Contains("nothing was stored"));
    CHECK(s.is_well());
    CHECK(s.add(key).status == 201);
    CHECK(s.add(key).header("Idempotency-Replayed") == "true");
    CHECK(s.g.get("/students/6").status == 200);
    CHECK(s.g.get("/students/7").status == 404);
}

TEST_CASE("where it is not known whether a grade was stored that is said, and its repetition counts once") {
    grades_scene s;
    s.disk.fail_syncs("grades.db-wal", for_long);
    const auto unknown = s.add(key);
    CHECK(unknown.status == 500);
    CHECK_THAT(unknown.body,
               Contains("not known") && Contains("Idempotency-Key") && !Contains("nothing was"));
    CHECK_FALSE(s.is_well());
    CHECK_THAT(s.g.get("/metrics").body, Contains("distd_store_closed{store=\"grades\"} 1"));
    const auto other = s.add();
    CHECK(other.status == 500);
    CHECK_THAT(other.body, Contains("nothing was stored"));
    CHECK(s.g.get("/students").status == 200);
    s.disk.fail_syncs("grades.db-wal", 0);
    s.g.w.until("the store is settled", [&] { return s.is_well(); });
    CHECK(s.add(key).status == 201);
    CHECK(s.add(key).header("Idempotency-Replayed") == "true");
    CHECK(s.g.get("/students/7").status == 404);
    s.g.restart();
    CHECK(s.g.get("/students/6").status == 200);
    CHECK(s.g.get("/students/7").status == 404);
}

TEST_CASE("a registry says what it does not know of a registration, and takes it when the disk is well") {
    registry_scene s;
    s.disk.fail_syncs("registry.db-wal", for_long);
    CHECK_THAT(s.enroll("Books").body, Contains("not known"));
    CHECK_FALSE(s.is_well());
    CHECK(s.r.get("/services").status == 200);
    s.disk.fail_syncs("registry.db-wal", 0);
    s.r.w.until("the store is settled", [&] { return s.is_well(); });
    CHECK(s.enroll("Books").status == 200);
    s.r.restart();
    CHECK_THAT(s.r.get("/services").body, Contains("http://Books"));
}

TEST_CASE("a change of the configuration of unknown outcome is said to be so, and can be sent again") {
    registry_scene s;
    CHECK(s.put("a").status == 201);
    s.disk.fail_syncs("config.db-wal", for_long);
    CHECK_THAT(s.put("b").body, Contains("not known"));
    CHECK(s.put("a").status == 500);  // "unchanged" is promised of what is settled only
    CHECK_FALSE(s.is_well());
    s.disk.fail_syncs("config.db-wal", 0);
    s.r.w.until("the store is settled", [&] { return s.is_well(); });
    CHECK(s.put("b").status == 201);
    CHECK(s.put("a").status == 200);
}

TEST_CASE("history that the disk does not give back is an error that the log names, never data") {
    grades_scene s;
    REQUIRE(s.add().status == 201);
    s.g.restart();
    s.disk.fail_reads("grades.db", for_long);
    const auto refused = s.g.get("/history");
    CHECK(refused.status == 500);
    CHECK(s.g.get("/students/6").status == 200);
    s.g.w.until("it is counted", [&] {
        return s.g.get("/metrics").body.find("distd_store_failures_total{store=\"grades\"} 0") ==
               std::string::npos;
    });
    s.disk.fail_reads("grades.db", 0);
    CHECK_THAT(s.g.get("/history").body, Contains("student_added"));
}
