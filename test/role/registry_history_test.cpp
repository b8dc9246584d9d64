// What a registry knows of instances over time: since when they are registered, what their probes found, and
// their health in buckets.
#include <chrono>

#include "role/registry_fixture.hpp"
#include "unit/http/client/raw_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

// One instance, whose answers to probes the test chooses.
struct probed_registry : watched_registry {
    probed_registry() : server(w.loop, answers()) {
        post(instance("A", "http://a",
                      R"(,"HeartbeatURL":")" + server.url("/h") + R"(","DeregisterAfter":0)"));
    }
    raw_server::script answers() {
        return [this](int, const std::string&) { return raw_server::action{answer}; };
    }
    void fail(const std::string& body) {
        answer = "HTTP/1.1 503 Sorry\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    void recover() { answer = ok; }
    std::string details() { return get("/services?details=1").body; }
    void until_listed(const std::string& words) {
        w.until("it is " + words, [&] { return details().find(words) != std::string::npos; });
    }
    std::string history(const std::string& range = "1h") {
        return get("/health-history?range=" + range).body;
    }

    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    std::string answer = ok;
    raw_server server;
};

}  // namespace

TEST_CASE("a list says since when an instance is registered as it is, also after a restart") {
    watched_registry s;
    s.post(instance("A", "a"));
    const auto listed = s.get("/services").body;
    CHECK_THAT(listed, Contains(R"(,"RegisteredAt":"20)"));
    s.post(instance("A", "a"));
    CHECK(s.get("/services").body == listed);
    s.restart();
    CHECK(s.get("/services").body == listed);
    CHECK_THAT(s.get("/services?fields=RegisteredAt").body, Contains(R"([{"RegisteredAt":"20)"));
}

TEST_CASE("details show how long the last probe took and what a failing one was answered") {
    probed_registry s;
    CHECK_THAT(s.details(), !Contains("ProbeMs"));
    s.until_listed("passing");
    CHECK_THAT(s.details(), Contains(R"(,"ProbeMs":)") && !Contains("FailureAnswer"));
    s.fail("disk full on /data" + std::string(2000, '.'));
    s.until_listed("lost");
    CHECK_THAT(s.details(),
               Contains(R"(,"FailureAnswer":"disk full on /data)" + std::string(1006, '.') + '"'));
    s.recover();
    s.until_listed("passing");
    CHECK_THAT(s.details(), !Contains("FailureAnswer"));
    CHECK(s.get("/services?details=2").status == 400);
    CHECK(s.get("/services?details=1&fields=Health").status == 400);
    CHECK_THAT(s.get("/services/A?details=1").body, Contains("ProbeMs"));
}

TEST_CASE("probes that find the same change neither lists nor their tags and indexes") {
    probed_registry s;
    s.fail("a");
    s.until_listed(R"("FailureAnswer":"a")");
    s.w.until("the loss is stored", [&] { return s.get("/events?type=lost").body != "[]"; });
    const auto before = s.get("/services");
    CHECK_THAT(before.body, !Contains("FailureAnswer") && !Contains("ProbeMs"));
    s.fail("b");
    s.until_listed(R"("FailureAnswer":"b")");
    const auto after = s.get("/services");
    CHECK(after.body == before.body);
    CHECK(after.header("ETag") == before.header("ETag"));
    CHECK(after.header("X-Distd-Index") == before.header("X-Distd-Index"));
}

TEST_CASE("the health of all instances over time is one answer, and outlives a restart") {
    probed_registry s;
    s.until_listed("passing");
    CHECK_THAT(s.history(), Contains(R"({"Range":"1h","BucketSeconds":60,"Until":"20)") &&
                                Contains(R"({"Name":"A","ServiceURL":"http://a","Health":"59u1w"})"));
    s.fail("");
    s.until_listed("lost");
    s.w.time.advance(std::chrono::minutes(2));
    CHECK_THAT(s.history(), Contains(R"("Health":"57u3l"})"));
    CHECK_THAT(s.history("24h"), Contains("BucketSeconds\":60,") && Contains("3l\""));
    CHECK_THAT(s.history("30d"), Contains("BucketSeconds\":3600,") && Contains("l\""));
    CHECK(s.get("/health-history").body == s.history());
    CHECK(s.get("/health-history?range=2h").status == 400);
    CHECK(s.get("/health-history?rang=1h").status == 400);
    const auto before = s.history();
    s.restart();
    CHECK(s.history() == before);
}

TEST_CASE("a history stays when an instance leaves and comes again, and goes when it is forgotten") {
    watched_registry s;
    s.post(instance("A", "a"));
    CHECK(s.w.http("PUT", s.url() + "/services/a/drain").status == 200);
    CHECK_THAT(s.get("/health-history").body, Contains(R"("Health":"59u1d")"));
    s.withdraw("a");
    CHECK_THAT(s.get("/health-history").body, Contains(R"("Instances":[]})"));
    s.post(instance("A", "a"));
    CHECK_THAT(s.get("/health-history").body, Contains(R"("Health":"59u1d")"));
    CHECK(s.w.http("DELETE", s.url() + "/services/a").status == 200);
    s.post(instance("A", "a"));
    CHECK_THAT(s.get("/health-history").body, Contains(R"("Health":"60u")"));
}
