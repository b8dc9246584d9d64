// Instances that report by themselves, and are lost when they are silent.
#include <catch2/catch.hpp>
#include <utility>

#include "unit/registry/health_course.hpp"

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
    CHECK(c.engine.look_up("a")->now == condition::passing);
    CHECK(c.engine.look_up("a")->since == c.start + 9s);
    CHECK(c.probes.empty());
    CHECK(c.verdicts.empty());
}

TEST_CASE("an instance that reports no more is lost after its TTL, and gone when its time is up") {
    course c;
    c.engine.watch(reporting("a", 10s), 1, condition::unproven, c.now, 0);
    c.run_for(4s);
    c.hear("a");
    c.run_for(10s);
    CHECK(c.verdicts == course::events{{14000, verdict::lost}});
    CHECK(c.engine.look_up("a")->reason == "no report for 10s (TTL 10s)");
    c.run_for(1h);
    CHECK(c.verdicts.back() == std::pair<milliseconds::rep, verdict>{74000, verdict::gone});
    CHECK(c.engine.take_report("a", "", c.now).how == health_engine::reporting::unknown);
}

TEST_CASE("a report brings a silent instance back, or as many as it says") {
    course c;
    registration_extras e;
    e.failures_before_lost = 2;
    e.successes_before_back = 2;
    c.engine.watch(reporting("a", 10s, e), 1, condition::unproven, c.now, 0);
    c.run_for(15s);
    CHECK(c.verdicts.empty());
    c.run_for(5s);
    CHECK(c.verdicts == course::events{{20000, verdict::lost}});
    CHECK(c.engine.look_up("a")->reason == "no report for 20s (TTL 10s)");
    c.hear("a");
    CHECK(c.verdicts.size() == 1);
    c.hear("a");
    CHECK(c.verdicts.back().second == verdict::back);
    c.run_for(9s);
    CHECK(c.verdicts.size() == 2);
}

TEST_CASE("an instance that reports its own failure is lost at once, with that reason") {
    course c;
    registration_extras e;
    e.failures_before_lost = 5;
    c.engine.watch(reporting("a", 10s, e), 1, condition::unproven, c.now, 0);
    c.hear("a");
    c.hear("a", "disk full");
    CHECK(c.verdicts == course::events{{0, verdict::lost}});
    CHECK(c.engine.look_up("a")->reason == "disk full");
    for (int i = 0; i < 10; ++i) {
        c.run_for(5s);
        c.hear("a", "disk full");
    }
    c.run_for(1h);  // its time runs from its loss
    CHECK(c.verdicts.back() == std::pair<milliseconds::rep, verdict>{60000, verdict::gone});
}

TEST_CASE("an instance that reported before our restart has its TTL to do so again") {
    course c;
    c.engine.restore(reporting("a", 10s), 1, condition::unproven, c.now, 0);
    c.engine.restore(reporting("b", 10s), 1, condition::lost, c.now, 0);
    c.run_for(9s);
    CHECK(c.verdicts.empty());
    c.hear("b");
    c.run_for(1s);
    CHECK(c.verdicts == course::events{{9000, verdict::back}, {10000, verdict::lost}});
}

TEST_CASE("reports of an instance that is probed are not taken") {
    course c;
    c.watch("a");
    CHECK(c.engine.take_report("a", "", c.now).how == health_engine::reporting::is_probed);
    CHECK(c.engine.take_report("b", "", c.now).how == health_engine::reporting::unknown);
}
