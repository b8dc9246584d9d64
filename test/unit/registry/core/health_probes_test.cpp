// Instances that are probed: when, what loses one, what brings it back and when it is gone.
#include <catch2/catch.hpp>

#include "unit/registry/core/health_course.hpp"

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

TEST_CASE("a healthy instance is probed at the interval and nothing is said of it") {
    course c;
    c.watch("a");
    CHECK(c.engine.find("a")->now == condition::unproven);
    c.run(8s);
    CHECK(c.probe_times() == course::times{1000, 4000, 7000});
    CHECK(c.transitions.empty());
    CHECK(c.engine.find("a")->now == condition::passing);
    CHECK(c.engine.find("a")->since == c.start + 1s);
}

TEST_CASE(
    "after the first failure an instance is lost, is tried twice more a second apart, then at the interval") {
    course c;
    c.watch("a");
    c.answers["a"] = "answered 503";
    c.run(12s);
    CHECK(c.probe_times() == course::times{1000, 2000, 3000, 6000, 9000, 12000});
    CHECK(c.transitions == course::events{{1000, transition::lost}});
    CHECK(c.engine.find("a")->reason == "answered 503");
    CHECK(c.engine.find("a")->since == c.start + 1s);
    CHECK(c.engine.lost() == 1);
}

TEST_CASE("a success brings a lost instance back") {
    course c;
    c.watch("a");
    c.answers["a"] = "no answer in time";
    c.run(1500ms);
    c.answers["a"] = "";
    c.run(5s);
    CHECK(c.transitions == course::events{{1000, transition::lost}, {2000, transition::back}});
    CHECK(c.engine.find("a")->reason.empty());
    CHECK(c.engine.lost() == 0);
}

TEST_CASE("an instance that stays lost has a last chance when its time is up, and is gone") {
    health_engine::rules r;
    r.deregister_after = 10s;
    course c(r);
    c.watch("a");
    c.answers["a"] = "nobody answers";
    c.run(1h);
    CHECK(c.transitions == course::events{{1000, transition::lost}, {11000, transition::gone}});
    CHECK(c.engine.watched() == 0);
    CHECK(c.engine.lost() == 0);
}

TEST_CASE("an instance that comes back at its last chance stays") {
    health_engine::rules r;
    r.deregister_after = 10s;
    course c(r);
    c.watch("a");
    c.answers["a"] = "nobody answers";
    c.run(10500ms);
    c.answers["a"] = "";
    c.run(1h);
    CHECK(c.transitions == course::events{{1000, transition::lost}, {11000, transition::back}});
    CHECK(c.engine.watched() == 1);
}

TEST_CASE("failures within its grace are not held against an instance, and count afterwards") {
    course c;
    c.engine.restore(probed("a"), 1, condition::unproven, c.now, 0);
    c.answers["a"] = "nobody answers";
    c.run(5900ms);
    CHECK(c.transitions.empty());
    CHECK(c.probe_times() == course::times{1000, 2000, 3000, 4000, 5000});
    c.run(7s);
    CHECK(c.transitions == course::events{{6000, transition::lost}});
}

TEST_CASE("an instance that was lost before the registry's restart is lost until it proves otherwise") {
    course c;
    c.engine.restore(probed("a"), 1, condition::lost, c.now, 0);
    CHECK(c.engine.lost() == 1);
    c.run(2s);
    CHECK(c.transitions == course::events{{1000, transition::back}});
}

TEST_CASE("a second registration starts over, and an answer to an earlier probe counts no more") {
    course c;
    c.watch("a");
    c.now += 1s;
    const auto old = c.engine.take(c.now);
    REQUIRE(old);
    c.engine.watch(probed("a"), 2, condition::unproven, c.now, 0);
    CHECK(c.engine.finish(*old, "nobody answers", c.now) == transition::none);
    CHECK(c.engine.find("a")->now == condition::unproven);
    CHECK(c.engine.under_way() == 0);
}

TEST_CASE("an instance that registers again and says the same keeps its health") {
    course c;
    c.watch("a");
    c.run_for(1s);
    CHECK(c.engine.find("a")->now == condition::passing);
    const auto since = c.engine.find("a")->since;
    const auto version = c.engine.version();
    c.now += 1s;
    const auto old = c.engine.take(c.now + 10s);
    REQUIRE(old);
    c.engine.renew(probed("a"), 2, c.now, 0);
    CHECK(c.engine.finish(*old, "nobody answers", c.now) == transition::none);
    CHECK(c.engine.find("a")->since == since);
    CHECK(c.engine.version() == version);
    c.run_for(2s);
    CHECK(c.probe_times() == course::times{1000, 3000});
}
