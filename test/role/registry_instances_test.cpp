// What can be done with one instance over HTTP: it says more about itself, reports in, is drained; and what
// the registry says of itself.
#include <catch2/catch.hpp>

#include "http/message/url.hpp"
#include "support/world.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

struct scene {
    explicit scene(std::vector<std::string> flags = {}) { w.start("registry", "registry", flags); }

    std::string url() const { return w.address("registry", "registry"); }
    http_answer enroll(const std::string& instance, const std::string& more = {}) {
        return w.http("POST", url() + "/services",
                      R"({"ServiceName":"A","ServiceURL":")" + instance + "\"" + more + "}");
    }
    http_answer heartbeat(const std::string& instance, const std::string& body = {}) {
        return w.http("PUT", url() + "/services/" + http::percent_encode(instance) + "/heartbeat", body);
    }
    http_answer drain(const std::string& instance, const std::string& body = {}) {
        return w.http("PUT", url() + "/services/" + http::percent_encode(instance) + "/drain", body);
    }
    http_answer end_drain(const std::string& instance) {
        return w.http("DELETE", url() + "/services/" + http::percent_encode(instance) + "/drain");
    }
    std::string get(const std::string& path) { return w.http("GET", url() + path).body; }
    bool lists(const std::string& words) { return get("/services").find(words) != std::string::npos; }
    void restart() {
        w.stop("registry");
        w.start("registry", "registry");
    }

    in_process_world w;
};

const std::string instance = "http://localhost:7000";
const std::string with_ttl = R"(,"TTL":"10s")";

}  // namespace

TEST_CASE("optional fields of a registration are listed as sent, also after a restart") {
    scene s;
    const std::string more =
        R"("Tags":["v2","blue"],"Meta":{"Rack":"7"},"Weight":3,"Zone":"eu","Version":"1")";
    CHECK(s.enroll(instance, "," + more).status == 200);
    CHECK_THAT(s.get("/services/A"), Contains(R"("HeartbeatURL":"",)" + more + R"(,"Health")"));
    s.restart();
    CHECK_THAT(s.get("/services/A"), Contains(more));
    CHECK(s.enroll(instance).status == 200);
    CHECK_THAT(s.get("/services/A"), !Contains("Tags"));
}

TEST_CASE("a role is listed with the version that runs") {
    scene s;
    s.w.start("log", "log", {"--registry=" + s.url()});
    s.w.until("it is listed", [&] { return s.lists("LogService"); });
    const auto metrics = s.w.http("GET", s.w.address("log", "log") + "/metrics").body;
    const std::string before = "distd_build_info{version=\"";
    const auto at = metrics.find(before);
    REQUIRE(at != metrics.npos);
    const auto version =
        metrics.substr(at + before.size(), metrics.find('"', at + before.size()) - at - before.size());
    CHECK_THAT(s.get("/services/LogService"), Contains("\"Version\":\"" + version + "\""));
}

TEST_CASE("an invalid optional field is refused with what was found and what is valid") {
    scene s;
    const auto a = s.enroll(instance, R"(,"Weight":-1)");
    CHECK(a.status == 400);
    CHECK_THAT(a.body, Contains("Weight: found -1; a whole number from 0 to 65535 is right"));
    CHECK(s.get("/services") == "[]");
}

TEST_CASE("an instance with a TTL is lost without reports, and recovers with one") {
    scene s;
    CHECK(s.enroll(instance, with_ttl).status == 200);
    CHECK(s.heartbeat(instance).status == 200);
    CHECK_THAT(s.get("/services"), Contains(R"("Health":"passing")"));
    s.w.until("it is lost", [&] { return s.lists(R"("Health":"lost")"); });
    CHECK_THAT(s.get("/services"), Contains("no report for 10s (TTL 10s)"));
    CHECK(s.heartbeat(instance, R"({"Health":"passing"})").status == 200);
    CHECK_THAT(s.get("/services"), Contains(R"("Health":"passing")"));
    CHECK(s.heartbeat(instance, R"({"health":"failing","reason":"disk full"})").status == 200);
    CHECK_THAT(s.get("/services"), Contains(R"("Health":"lost")") && Contains("disk full"));
    s.restart();
    CHECK_THAT(s.get("/services"), Contains("was lost before the registry started: disk full"));
    CHECK(s.heartbeat(instance).header("X-Distd-Registry").size() == 16);
}

TEST_CASE("the time since an instance is lost survives a restart") {
    scene s;
    s.enroll(instance, with_ttl);
    s.heartbeat(instance, R"({"Health":"failing","Reason":"disk full"})");
    const auto since = [&] {
        const auto list = s.get("/services");
        return list.substr(list.find(R"("Since")"), std::string(R"("Since":"2026-11-21T12:00:00Z")").size());
    };
    const auto before = since();
    s.enroll("http://localhost:7001", with_ttl);
    s.w.until("another one was silent for its TTL", [&] { return s.lists("no report for 10s"); });
    CHECK(since() == before);
    s.restart();
    CHECK(since() == before);
}

TEST_CASE("a report of an unknown instance is answered with 404, so that it registers again") {
    scene s;
    const auto a = s.heartbeat(instance);
    CHECK(a.status == 404);
    CHECK(a.header("Content-Type") == "application/problem+json");
    CHECK_THAT(a.body, Contains("register it with POST /services"));
}

TEST_CASE("a report of an instance without a TTL, or one that makes no sense, is refused with the reason") {
    scene s;
    s.enroll(instance);
    CHECK(s.heartbeat(instance).status == 409);
    CHECK_THAT(s.heartbeat(instance).body, Contains("without a TTL"));
    s.enroll(instance, R"(,"HeartbeatURL":"http://127.0.0.1:1/hb")");
    CHECK(s.heartbeat(instance).status == 409);
    s.enroll(instance, with_ttl);
    CHECK(s.heartbeat(instance, "well").status == 400);
    CHECK_THAT(s.heartbeat(instance, R"({"Health":"fine"})").body,
               Contains("Health: found 'fine'; passing or failing is right"));
    CHECK_THAT(s.heartbeat(instance, R"({"Reason":"a\n"})").body, Contains("control byte"));
}

TEST_CASE("an instance with a TTL has it as grace after the registry's restart") {
    scene s;
    s.enroll(instance, with_ttl);
    s.heartbeat(instance);
    s.restart();
    CHECK_THAT(s.get("/services"), Contains(R"("Health":"unproven")"));
    CHECK(s.heartbeat(instance).status == 200);
    CHECK_THAT(s.get("/services"), Contains(R"("Health":"passing")"));
}

TEST_CASE("a drained instance is listed as such, with its reason, until the drain ends") {
    scene s;
    s.enroll(instance);
    CHECK(s.drain(instance, R"({"Reason":"disk swap"})").status == 200);
    const auto listed = s.get("/services");
    CHECK_THAT(listed, Contains(R"("Drained":true,"DrainedSince":")"));
    CHECK_THAT(listed, Contains(R"("DrainReason":"disk swap"})"));
    CHECK_THAT(s.get("/graph"), Contains(R"("instances":1,"offered":0)"));
    CHECK_THAT(s.get("/status"), Contains(R"("drained":1)"));
    CHECK(s.drain(instance, R"({"Reason":"disk swap"})").status == 200);
    CHECK(s.get("/services") == listed);
    s.enroll(instance, R"(,"Weight":2)");
    CHECK_THAT(s.get("/services"), Contains(R"("DrainReason":"disk swap")") && Contains("Weight"));
    s.restart();
    CHECK_THAT(s.get("/services"), Contains(R"("DrainReason":"disk swap")"));
    CHECK(s.end_drain(instance).status == 200);
    CHECK(s.end_drain(instance).status == 200);
    CHECK_THAT(s.get("/services"), !Contains("Drained"));
    CHECK_THAT(s.get("/graph"), Contains(R"("offered":1)"));
}

TEST_CASE("a drain of an unknown instance, or with a wrong reason, is refused") {
    scene s;
    CHECK(s.drain(instance).status == 404);
    CHECK(s.end_drain(instance).status == 404);
    s.enroll(instance);
    CHECK(s.drain(instance, R"({"Reason":7})").status == 400);
    CHECK_THAT(s.drain(instance, R"({"Reason":7})").body, Contains("Reason: expected a string"));
    CHECK_THAT(s.drain(instance, R"({"Reason":")" + std::string(1025, 'x') + "\"}").body,
               Contains("at most 1024"));
    CHECK_THAT(s.get("/services"), !Contains("Drained"));
    CHECK(s.drain(instance).status == 200);
    s.w.http("DELETE", s.url() + "/services", instance, "text/plain");
    s.enroll(instance);
    CHECK_THAT(s.get("/services"), !Contains("Drained"));
}

TEST_CASE("methods that one instance does not offer are answered with 405 and those that it does") {
    scene s;
    const auto a = s.w.http("POST", s.url() + "/services/x/drain", "{}");
    CHECK(a.status == 405);
    CHECK_THAT(a.header("Allow"), Contains("PUT") && Contains("DELETE"));
}

TEST_CASE("the status tells counts and the data's id") {
    scene s;
    const auto id = s.enroll(instance, with_ttl).header("X-Distd-Registry");
    const auto revision = s.w.http("GET", s.url() + "/services").header("X-Distd-Index");
    CHECK(s.get("/status") == R"({"id":")" + id + R"(","revision":)" + revision +
                                  R"(,"instances":1,"watched":1,"lost":0,"drained":0,)"
                                  R"("guard":{"active":false}})");
}

TEST_CASE("when all of many instances fail at once none is taken out for a while, and the registry says so") {
    scene s({"--registry-guard-time=20s"});
    s.w.start("target", "registry");
    const auto heartbeat = R"(,"HeartbeatURL":")" + s.w.address("target", "registry") + "/graph\"";
    for (int i = 0; i < 12; ++i) s.enroll("http://a" + std::to_string(i), heartbeat);
    const auto passing = [&] {
        const auto text = s.get("/services");
        std::size_t count = 0;
        for (auto at = text.find("passing"); at != text.npos; at = text.find("passing", at + 1)) ++count;
        return count;
    };
    s.w.until("all are well", [&] { return passing() == 12; });
    s.w.stop("target");
    s.w.until("the guard is on",
              [&] { return s.get("/status").find(R"("active":true)") != std::string::npos; });
    s.w.until("all are lost", [&] { return s.get("/status").find(R"("lost":12)") != std::string::npos; });
    CHECK_THAT(s.get("/graph"), Contains(R"("instances":12,"offered":12)"));
    CHECK_THAT(s.get("/services"), Contains(R"("Guarded":true)"));
    CHECK_THAT(s.get("/status"), Contains("the fault may be ours"));
    CHECK_THAT(s.get("/metrics"), Contains("distd_registry_guard_active 1"));
    s.w.until("its time is over",
              [&] { return s.get("/graph").find(R"("offered":0)") != std::string::npos; });
    CHECK_THAT(s.get("/status"), Contains(R"("guard":{"active":false})"));
    CHECK_THAT(s.get("/services"), !Contains("Guarded"));
}

TEST_CASE("a service of ours registers where it runs, and what else it was set to say") {
    scene s;
    s.w.start("log", "log",
              {"--registry=" + s.url(), "--instance-zone=eu", "--instance-tags=blue,gateway",
               "--instance-weight=3"});
    s.w.until("it is registered", [&] { return s.lists("LogService"); });
    CHECK_THAT(s.get("/services/LogService"),
               Contains(R"("Tags":["blue","gateway"],"Weight":3,"Zone":"eu")"));
    CHECK_THAT(s.get("/services?zone=eu&tag=gateway"), Contains("LogService"));
}
