#include "role/registry/core/listing.hpp"

#include <catch2/catch.hpp>

#include "role/registry/core/history_listing.hpp"
#include "role/registry/core/list_filter.hpp"

using namespace distd;
using namespace std::chrono_literals;
using namespace distd::registry;

namespace {

struct scene {
    void put(const std::string& name, const std::string& url, std::vector<std::string> required,
             const std::string& heartbeat) {
        d.apply(put_change{{name, url, std::move(required), "", heartbeat}, ++revision}, now.steady);
    }

    directory d{health_engine::rules{}, dispatcher::limits{}, [] { return 0ULL; }};
    moment now{steady_point(1h), wall_point(1'700'000'000s)};
    std::uint64_t revision = 0;
};

}  // namespace

TEST_CASE("a list holds each registration as it came, with its health, since when, and why") {
    scene s;
    s.put("Log", "log", {"A"}, "http://log/hb");
    s.put("Log", "other", {}, "");
    const auto p = s.d.health().take(s.now.steady + 1s);
    REQUIRE(p);
    CHECK(s.d.probed(*p, "answered 503", s.now.steady + 1s));
    s.now.steady += 61s;
    s.now.wall += 61s;
    CHECK(named_as_json(s.d, "Log", s.now) ==
          R"([{"ServiceName":"Log","ServiceURL":"log","RequiredServices":["A"],"ServiceUpdateURL":"",)"
          R"("HeartbeatURL":"http://log/hb","Health":"lost",)"
          R"("Since":"2023-11-14T22:13:21Z","Reason":"answered 503"},)"
          R"({"ServiceName":"Log","ServiceURL":"other","RequiredServices":[],"ServiceUpdateURL":"",)"
          R"("HeartbeatURL":"",)"
          R"("Health":"unchecked"}])");
    CHECK(named_as_json(s.d, "Nobody", s.now) == "[]");
    CHECK(all_as_json(s.d, s.now) == named_as_json(s.d, "Log", s.now));
}

TEST_CASE("a list shows what a registration says beyond the base protocol, and that it is drained") {
    scene s;
    registration r{"A", "a", {}, "", ""};
    registration_extras e;
    e.tags = {"x"};
    e.weight = 0;
    r.extras = std::make_shared<const registration_extras>(e);
    s.d.apply(put_change{r, 1}, s.now.steady);
    s.d.apply(drain_change{"a", {1'700'000'000'000, "disk \"1\""}, 2}, s.now.steady);
    CHECK(all_as_json(s.d, s.now) ==
          R"([{"ServiceName":"A","ServiceURL":"a","RequiredServices":[],"ServiceUpdateURL":"",)"
          R"("HeartbeatURL":"","Tags":["x"],"Weight":0,"Health":"unchecked","Drained":true,)"
          R"("DrainedSince":"2023-11-14T22:13:20Z","DrainReason":"disk \"1\""}])");
}

TEST_CASE("the status tells counts, and of the guard only when it is on") {
    scene s;
    for (int i = 0; i < 12; ++i) s.put("A", "a" + std::to_string(i), {}, "http://a/hb");
    s.put("A", "b", {}, "");
    s.d.apply(drain_change{"b", {1, ""}, ++s.revision}, s.now.steady);
    const auto at = [&](const std::string& guard, int lost) {
        return R"({"id":"e1","revision":14,"instances":13,"watched":12,"lost":)" + std::to_string(lost) +
               R"(,"drained":1,"guard":)" + guard + "}";
    };
    CHECK(status_as_json(s.d, "e1", s.now) == at(R"({"active":false})", 0));
    s.now.steady += 1s;
    s.now.wall += 1s;
    while (const auto p = s.d.health().take(s.now.steady)) {
        const auto asks_for = s.d.probed(*p, "answered 503", s.now.steady);
        CHECK(asks_for.has_value() == !s.d.health().guard().is_on());
    }
    CHECK(status_as_json(s.d, "e1", s.now) ==
          at(R"({"active":true,"since":"2023-11-14T22:13:21Z","until":"2023-11-14T22:14:21Z",)"
             R"("reason":"7 of 12 watched instances were lost at once: the fault may be ours"})",
             12));
    CHECK(s.d.review(s.now.steady).size() == 6);  // offered again: those that were lost before it was on
    CHECK_THAT(all_as_json(s.d, s.now), Catch::Contains(R"("Guarded":true)"));
}

TEST_CASE("the graph tells who requires whom, and what is missing") {
    scene s;
    s.put("Grading", "g1", {"Log"}, "");
    s.put("Grading", "g2", {"Log", "Clock"}, "");
    s.put("Log", "log", {}, "");
    CHECK(graph_as_json(s.d) ==
          R"({"services":[{"name":"Grading","instances":2,"offered":2,"requires":["Clock","Log"]},)"
          R"({"name":"Log","instances":1,"offered":1,"requires":[]}],)"
          R"("missing":[{"name":"Clock","required_by":["Grading"]}]})");
    CHECK(graph_as_json(scene().d) == R"({"services":[],"missing":[]})");
}

TEST_CASE("whatever changes in a list changes the directory's version, and nothing else does") {
    scene s;
    auto before = s.d.version();
    const auto has_changed = [&] { return std::exchange(before, s.d.version()) != s.d.version(); };
    CHECK_FALSE(has_changed());
    s.put("Log", "log", {}, "http://log/hb");
    CHECK(has_changed());
    s.put("Log", "log", {}, "http://log/hb");
    CHECK_FALSE(has_changed());  // it said the same again
    s.d.apply(drain_change{"log", {1, "why"}, ++s.revision}, s.now.steady);
    CHECK(has_changed());
    s.d.apply(drain_change{"log", {2, "why"}, ++s.revision}, s.now.steady);
    CHECK_FALSE(has_changed());
    auto p = s.d.health().take(s.now.steady + 1s);
    REQUIRE(p);
    CHECK_FALSE(s.d.probed(*p, "", s.now.steady + 1s));
    CHECK(has_changed());  // it is passing now
    p = s.d.health().take(s.now.steady + 1h);
    REQUIRE(p);
    CHECK_FALSE(s.d.probed(*p, "", s.now.steady + 1h));
    CHECK_FALSE(has_changed());
    p = s.d.health().take(s.now.steady + 2h);
    REQUIRE(p);
    CHECK(s.d.probed(*p, "answered 500", s.now.steady + 2h));
    CHECK(has_changed());
}

TEST_CASE("details say how long the last probe took, and what a failure was answered") {
    scene s;
    s.put("A", "a", {}, "http://a/hb");
    list_filter with_details;
    with_details.details = true;
    const auto p = s.d.health().take(s.now.steady + 3s);
    REQUIRE(p);
    health_engine::note_answer(*p, 1250us, "disk full");
    CHECK(s.d.probed(*p, "answered 503", s.now.steady + 3s));
    CHECK_THAT(filtered_as_json(s.d, with_details, s.now),
               Catch::Contains(R"("Reason":"answered 503","ProbeMs":1.25,"FailureAnswer":"disk full"})"));
    CHECK_THAT(all_as_json(s.d, s.now), !Catch::Contains("ProbeMs"));
}

TEST_CASE("a list says since when an instance is registered, and a history how it was since then") {
    scene s;
    s.d.pass(s.now.wall);
    s.d.apply(put_change{{"A", "a", {}, "", ""}, 1, 1'700'000'000'000}, s.now.steady);
    CHECK_THAT(all_as_json(s.d, s.now),
               Catch::Contains(R"("Health":"unchecked","RegisteredAt":"2023-11-14T22:13:20Z"})"));
    s.d.apply(drain_change{"a", {1, ""}, 2}, s.now.steady);
    s.d.pass(s.now.wall + 1min);
    CHECK(histories_as_json(s.d, wire::time_range::hour) ==
          R"({"Range":"1h","BucketSeconds":60,"Until":"2023-11-14T22:15:00Z","Instances":[)"
          R"({"Name":"A","ServiceURL":"a","Health":"58u2d"}]})");
    CHECK_THAT(histories_as_json(s.d, wire::time_range::month),
               Catch::Contains(R"("Until":"2023-11-14T23:00:00Z")"));
}
