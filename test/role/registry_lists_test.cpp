// Lists of instances: filtered, unchanged, as Prometheus wants them, and reads that are refused.
#include <catch2/catch.hpp>
#include <string>

#include "role/registry_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE("lists are filtered by name, tag, zone, health and whether they are offered") {
    watched_registry s;
    s.post(instance("A", "a1", R"(,"Tags":["x","y"],"Zone":"north")"));
    s.post(instance("A", "a2", R"(,"Tags":["x"])"));
    s.post(instance("B", "b1", R"(,"Tags":["x"],"Zone":"north")"));
    const auto found = [&](const std::string& path) {
        const auto body = s.get(path).body;
        std::string urls;
        for (const char* u : {"a1", "a2", "b1"})
            if (body.find(R"("ServiceURL":")" + std::string(u) + "\"") != std::string::npos)
                urls += std::string(u) + " ";
        return urls;
    };
    CHECK(found("/services?name=A") == "a1 a2 ");
    CHECK(found("/services?tag=x&tag=y") == "a1 ");
    CHECK(found("/services?tag=x&zone=north") == "a1 b1 ");
    CHECK(found("/services/A?zone=north") == "a1 ");
    CHECK(found("/services?health=unchecked") == "a1 a2 b1 ");
    CHECK(found("/services?health=lost").empty());
    CHECK(s.get("/services?name=Nobody").body == "[]");
    CHECK(s.w.http("PUT", s.url() + "/services/a1/drain", R"({"Reason":"disk"})").status == 200);
    CHECK(found("/services?health=drained") == "a1 ");
    CHECK(found("/services/A?offered=1") == "a2 ");
    CHECK_THAT(s.get("/services?health=well").body,
               Contains("passing, lost, unproven, unchecked and drained"));
    CHECK(s.get("/services?offered=perhaps").status == 400);
}

TEST_CASE("fields= selects the fields of a list; an unknown one is refused with the known ones") {
    watched_registry s;
    s.post(instance("A", "a1", R"(,"Tags":["x"],"Meta":{"k":"v"},"Weight":3,"Zone":"north","Version":"2")"));
    s.post(instance("B", "b1"));
    CHECK(s.get("/services?fields=ServiceURL,ServiceName").body ==
          R"([{"ServiceName":"A","ServiceURL":"a1"},{"ServiceName":"B","ServiceURL":"b1"}])");
    CHECK(s.get("/services/A?fields=Tags,Weight,Zone,Version,Health,Guarded,Drained").body ==
          R"([{"Tags":["x"],"Weight":3,"Zone":"north","Version":"2","Health":"unchecked"}])");
    CHECK(s.get("/services?tag=x&fields=Drained").body == "[{}]");
    REQUIRE(s.w.http("PUT", s.url() + "/services/a1/drain").status == 200);
    CHECK(s.get("/services?tag=x&fields=Drained").body == R"([{"Drained":true}])");
    CHECK_THAT(s.get("/services?fields=Meta").body,
               Contains("fields must be some of ServiceName, ServiceURL"));
}

TEST_CASE("If-None-Match on a list is answered with 304 until it changes") {
    watched_registry s;
    s.post(instance("A", "a"));
    for (const std::string path : {"/services", "/services/A", "/graph"}) {
        const auto tag = s.get(path).header("ETag");
        REQUIRE_FALSE(tag.empty());
        const auto again = [&] {
            return exchange(
                "GET", s.url() + path, {}, {}, [&] { s.w.pump(); }, "If-None-Match: " + tag + "\r\n");
        };
        CHECK(again().status == 304);
        s.post(instance("A", "a" + path));
        CHECK(again().status == 200);
    }
}

TEST_CASE("unknown and repeated parameters are refused by name, with the known ones") {
    watched_registry s;
    s.post(instance("A", "a", R"(,"Tags":["x","y"])"));
    const auto refused = [&](const std::string& path, const std::string& why) {
        INFO(path);
        const auto a = s.get(path);
        CHECK(a.status == 400);
        CHECK_THAT(a.body, Contains(why));
        CHECK_FALSE(a.header("X-Distd-Registry").empty());
    };
    const std::string filters = "tag, zone, health, offered, fields, details, index, wait";
    refused("/services?nmae=A", "expected one of name, " + filters + ", found 'nmae'.");
    refused("/services?name=A&limit=5", "found 'limit'");
    refused("/services?Name=A", "found 'Name'");
    refused("/services?=A", "found ''");
    refused("/services?name=A&n%61me=B", "name occurs twice");
    refused("/services/A?name=B", "expected one of " + filters + ", found 'name'.");
    refused("/services/A?stale", "found 'stale'");
    refused("/graph?name=A", "expected one of index, wait, found 'name'.");
    refused("/events?since=5", "expected one of after, limit, name, type, index, wait, found 'since'.");
    refused("/events?limit=1&limit=2", "limit occurs twice");
    refused("/sd/prometheus?tag=x", "expected name, found 'tag'.");
    refused("/status?verbose=1", "expected none, found 'verbose'.");
    CHECK(s.w.http("PUT", s.url() + "/services/a/drain?reason=disk", "").status == 400);
    CHECK(s.w.http("DELETE", s.url() + "/services/a/drain?force", "").status == 400);
    CHECK(s.get("/services?health=drained").body == "[]");
    CHECK_THAT(s.get("/services?&tag=x&tag=y&zone=&").body, Contains(R"("ServiceURL":"a")"));
    auto peer = s.connect();
    s.stream(peer, "/events?types=lost");
    CHECK_THAT(peer.read_answer(), Contains("400") && Contains("found 'types'"));
}

TEST_CASE("Prometheus gets every instance that is not drained, with labels to choose by") {
    watched_registry s;
    s.post(instance(
        "Log Service", "https://logs.example",
        R"(,"Tags":["a","b"],"Zone":"north","Version":"1.2","Meta":{"team.name":"y","team-name":"x"})"));
    s.post(instance("Grading", "localhost:6000"));
    s.post(instance("Portal", "http://[::1]:5005/base/"));
    const auto a = s.get("/sd/prometheus");
    CHECK(a.header("Content-Type") == "application/json");
    CHECK(a.header("X-Distd-Registry") == s.get("/status").header("X-Distd-Registry"));
    CHECK_THAT(a.body, Contains(R"({"targets":["logs.example:443"],"labels":{)"
                                R"("__meta_distd_service":"Log Service",)"
                                R"("__meta_distd_instance_url":"https://logs.example",)"
                                R"("__meta_distd_health":"unchecked","__meta_distd_zone":"north",)"
                                R"("__meta_distd_version":"1.2","__meta_distd_tags":",a,b,",)"
                                R"("__meta_distd_meta_team_name":"x","__scheme__":"https"}})"));
    CHECK_THAT(a.body, !Contains("\"y\""));  // a label that is taken is not written twice
    CHECK_THAT(a.body, Contains(R"("targets":["localhost:6000"])"));
    CHECK_THAT(a.body,
               Contains(R"("targets":["[::1]:5005"])") && Contains(R"("__metrics_path__":"/base/metrics")"));
    CHECK_THAT(s.get("/sd/prometheus?name=Grading").body,
               Contains("localhost:6000") && !Contains("logs.example"));
    CHECK(s.w.http("PUT", s.url() + "/services/localhost%3A6000/drain", "{}").status == 200);
    CHECK(s.get("/sd/prometheus?name=Grading").body == "[]");
}
