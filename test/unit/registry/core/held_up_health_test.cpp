// What it means for those that report by themselves when the registry itself was held up.
#include <catch2/catch.hpp>

#include "unit/registry/core/health_course.hpp"

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

namespace {

const std::string url = "a:1";

struct held_up : course {
    held_up() {
        engine.watch(reporting(url, 2s), 1, condition::unproven, now, 0);
        hear(url);
    }
    // Nothing happens for that long; then all that is due is looked at, once.
    std::size_t wake_after(milliseconds span) {
        now += span;
        return engine.review(now).size();
    }
    condition health() { return engine.find(url)->now; }
};

}  // namespace

TEST_CASE("an instance is not lost for a silence in which the registry was held up itself") {
    held_up c;
    CHECK(c.wake_after(7s) == 0);
    c.hear(url);  // it lay in the socket
    CHECK(c.wake_after(1999ms) == 0);
    CHECK(c.health() == condition::passing);
}

TEST_CASE("an instance that stays silent after the registry was held up is lost a TTL later at the most") {
    held_up c;
    CHECK(c.wake_after(1h) == 0);
    CHECK(c.engine.next_due() == c.now + 2s);
    CHECK(c.wake_after(2s) == 1);
    CHECK(c.health() == condition::lost);
    CHECK(c.engine.find(url)->reason == "no report for 1h2s (TTL 2s)");
}

TEST_CASE("a loop with much to do postpones no verdict") {
    held_up c;
    CHECK(c.wake_after(2200ms) == 1);
    CHECK(c.health() == condition::lost);
}

TEST_CASE("the time to go of one that is lost already does not wait for the registry") {
    held_up c;
    CHECK(c.wake_after(2s) == 1);
    CHECK(c.wake_after(1h) == 1);
    CHECK_FALSE(c.engine.find(url));
}
