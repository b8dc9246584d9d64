#include <catch2/catch.hpp>

#include "unit/registry/core/health_course.hpp"

using namespace distd;
using namespace distd::registry;

TEST_CASE("an instance that leaves while it is probed is kept until its probes have ended") {
    health_engine engine{{}};
    auto now = steady_point(std::chrono::hours(1));
    engine.watch(probed("http://a"), 1, condition::passing, now, 0);
    now += std::chrono::seconds(1);
    const auto first = engine.take(now);
    REQUIRE(first);
    engine.renew(probed("http://a"), 2, now, 0);  // planned anew, beside the probe under way
    now += std::chrono::seconds(1);
    const auto second = engine.take(now);
    REQUIRE(second);

    engine.forget("http://a");
    CHECK(engine.watched() == 0);
    CHECK(engine.find("http://a") == nullptr);
    engine.watch(probed("http://a"), 3, condition::passing, now, 0);  // another one in its place

    CHECK(engine.finish(*first, "no answer", now) == health_engine::transition::none);
    CHECK(second->heartbeat_url() == "http://a/heartbeat");
    CHECK(engine.finish(*second, "no answer", now) == health_engine::transition::none);
    CHECK(engine.under_way() == 0);
    CHECK(engine.find("http://a")->now == condition::passing);

    now += std::chrono::seconds(1);
    const auto third = engine.take(now);
    REQUIRE(third);
    CHECK(engine.finish(*third, "no answer", now) == health_engine::transition::lost);
}
