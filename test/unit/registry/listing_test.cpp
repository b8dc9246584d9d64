#include "role/registry/core/listing.hpp"

#include <catch2/catch.hpp>

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
