// Instances that report by themselves, and are lost when they are silent.
#include <catch2/catch.hpp>
#include <utility>

#include "unit/registry/core/health_course.hpp"

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

TEST_CASE("an instance that reports is not probed, and is well as long as it reports") {
    course c;
    c.engine.watch(reporting("a", 10s), 1, condition::unproven, c.now, 0);
    for (int i = 0; i < 5; ++i) {
        c.run_for(9s);
        c.hear("a");
    }
    CHECK(c.engine.find("a")->now == condition::passing);
    CHECK(c.engine.find("a")->since == c.start + 9s);
    CHECK(c.probes.empty());
    CHECK(c.transitions.empty());
}

TEST_CASE("an instance that reports no more is lost after its TTL, and gone when its time is up") {
    course c;
    c.engine.watch(reporting("a", 10s), 1, condition::unproven, c.now, 0);
    c.run_for(4s);
    c.hear("a");
    c.run_for(10s);
    CHECK(c.transitions == course::events{{14000, transition::lost}});
    CHECK(c.engine.find("a")->reason == "no report for 10s (TTL 10s)");
    c.run_for(1h);
    CHECK(c.transitions.back() == std::pair<milliseconds::rep, transition>{74000, transition::gone});
    CHECK(c.engine.take_report("a", "", c.now).how == health_engine::reporting::unknown);
}

TEST_CASE("a report brings a silent instance back, or as many as it says") {
    course c;
    registration_extras e;
    e.failures_before_lost = 2;
    e.successes_before_back = 2;
    c.engine.watch(reporting("a", 10s, e), 1, condition::unproven, c.now, 0);
    c.run_for(15s);
    CHECK(c.transitions.empty());
    c.run_for(5s);
    CHECK(c.transitions == course::events{{20000, transition::lost}});
    CHECK(c.engine.find("a")->reason == "no report for 20s (TTL 10s)");
    c.hear("a");
    CHECK(c.transitions.size() == 1);
    c.hear("a");
    CHECK(c.transitions.back().second == transition::back);
    c.run_for(9s);
    CHECK(c.transitions.size() == 2);
}

TEST_CASE("an instance that reports its own failure is lost at once, with that reason") {
    course c;
    registration_extras e;
    e.failures_before_lost = 5;
    c.engine.watch(reporting("a", 10s, e), 1, condition::unproven, c.now, 0);
    c.hear("a");
    c.hear("a", "disk full");
    CHECK(c.transitions == course::events{{0, transition::lost}});
    CHECK(c.engine.find("a")->reason == "disk full");
    for (int i = 0; i < 10; ++i) {
        c.run_for(5s);
        c.hear("a", "disk full");
    }
    c.run_for(1h);  // its time runs from its loss
    CHECK(c.transitions.back() == std::pair<milliseconds::rep, transition>{60000, transition::gone});
}

TEST_CASE("an instance that reported before our restart has its TTL to do so again") {
    course c;
    c.engine.restore(reporting("a", 10s), 1, condition::unproven, c.now, 0);
    c.engine.restore(reporting("b", 10s), 1, condition::lost, c.now, 0);
    c.run_for(9s);
    CHECK(c.transitions.empty());
    c.hear("b");
    c.run_for(1s);
    CHECK(c.transitions == course::events{{9000, transition::back}, {10000, transition::lost}});
}

TEST_CASE("reports of an instance that is probed are not taken") {
    course c;
    c.watch("a");
    CHECK(c.engine.take_report("a", "", c.now).how == health_engine::reporting::is_probed);
    CHECK(c.engine.take_report("b", "", c.now).how == health_engine::reporting::unknown);
}
