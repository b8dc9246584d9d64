// The registry's answers as facts: what is there is taken, what is not is unknown.
#include "ops/answers/registry_answers.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;

TEST_CASE("an instance is read with all that the registry tells, and with little") {
    const auto list = read_instances(
        R"([{"ServiceName":"cart","ServiceURL":"http://10.0.0.7:8100","RequiredServices":["cards"],
             "Tags":["gateway"],"Version":"1.8.2","Health":"lost","Since":"2026-11-21T12:00:00Z",
             "Reason":"answered 503","Guarded":true,
             "RegisteredAt":"2026-11-21T09:00:00Z","ProbeMs":1.5,"FailureAnswer":"disk full"},
            {"ServiceName":"old","ServiceURL":"http://localhost:8000"}, 7, {"ServiceName":8}])");
    REQUIRE(list);
    REQUIRE(list->size() == 2);
    const auto& cart = list->front();
    CHECK(cart.machine == "10.0.0.7");
    CHECK(cart.since == noon);
    CHECK(cart.registered_at == noon - std::chrono::hours(3));
    CHECK(cart.probe_ms == 1.5);
    CHECK(cart.failure_answer == "disk full");
    CHECK(state_of(cart) == instance_state::held);
    CHECK(list->back().weight == 1);
    CHECK_FALSE(list->back().registered_at);
    CHECK(state_of(list->back()) == instance_state::unchecked);
    CHECK_FALSE(read_instances("{}"));
    CHECK_FALSE(read_instances("<html>"));
}

TEST_CASE("events are read, those of the configuration, too") {
    const auto events = read_events(
        R"([{"Index":7,"Time":"2026-11-21T12:00:00.250Z","Type":"lost","Name":"mailer",
             "URL":"http://a:1","Reason":"x"},
            {"Index":8,"Time":"2026-11-21T12:00:01Z","Type":"config_put","Key":"cart/limits","Version":8,
             "Was":7,"Actor":"ana"}, {"Index":9}])");
    REQUIRE(events);
    REQUIRE(events->size() == 2);
    CHECK(events->front().reason == "x");
    CHECK(events->back().key == "cart/limits");
    CHECK(events->back().version == 8);
    CHECK(events->back().was == 7);
}

TEST_CASE("runs of health become the bar's sixty parts, the worst of each") {
    const auto bars = read_health_history(
        R"({"Range":"1h","BucketSeconds":60,
            "Instances":[{"Name":"a","ServiceURL":"http://a:1","Health":"58w2l"}]})");
    REQUIRE(bars);
    const auto& bar = bars->at("http://a:1");
    CHECK(std::ranges::count(bar, health_cell::well) == 58);
    CHECK(bar[58] == health_cell::lost);
    CHECK(bar[59] == health_cell::lost);
    CHECK_FALSE(read_health_history("[]"));

    health_bar day{};
    add_runs(day, "100u1l1339w", 1440);
    CHECK(day[0] == health_cell::unknown);
    CHECK(day[4] == health_cell::lost);  // minutes 96 to 119
    CHECK(day[5] == health_cell::well);

    health_bar odd{};
    add_runs(odd, "99999999999999999999w5l", 60);  // more than there are
    CHECK(std::ranges::count(odd, health_cell::well) == 60);
    add_runs(odd, "<3l", 60);
    CHECK(std::ranges::count(odd, health_cell::lost) == 0);
}

TEST_CASE("what is missing and the guard are read") {
    const auto missing =
        read_missing(R"({"services":[],"missing":[{"name":"cards","required_by":["cart"]}]})");
    REQUIRE(missing);
    CHECK(missing->front().required_by == std::vector<std::string>{"cart"});
    const auto guard = read_guard(
        R"({"id":"5f","guard":{"active":true,"until":"2026-11-21T12:00:00Z","reason":"31 of 38"}})");
    REQUIRE(guard);
    CHECK(guard->is_active);
    CHECK(guard->until == noon);
}
