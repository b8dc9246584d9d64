#include "role/registry/core/health_history.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

namespace {

using enum health_state;
using enum wire::time_range;

// An instance and the registry's clock, which starts at a full hour.
struct course {
    course() { pass(0min); }

    void pass(std::chrono::minutes m) {
        for (; m > 0min; m -= 1min) tick(wall + 1min);
        tick(wall);
    }
    // The registry does not run meanwhile, or its clock is set.
    void jump(std::chrono::minutes m) { tick(wall + m); }
    void tick(wall_point to) {
        wall = to;
        if (!clock.advance(wall)) history.rewind(clock.now());
    }
    void note(health_state s) { history.note(s, clock.now()); }
    [[nodiscard]] std::string shown(wire::time_range r = hour) const {
        return run_lengths(history, clock, r);
    }
    void restart() {
        history = health_history(history.to_keep());
        health_clock next;
        next.restore(clock.to_keep());
        clock = next;
    }

    wall_point wall{std::chrono::hours(24 * 20'000)};
    health_clock clock;
    health_history history;
};

}  // namespace

TEST_CASE("a history shows one bucket a minute, the current one last, and takes none where all was well") {
    course c;
    CHECK(c.shown() == "60u");
    c.note(well);
    CHECK(c.shown() == "59u1w");
    c.pass(3min);
    CHECK(c.shown() == "56u4w");
    c.pass(60min);
    CHECK(c.shown() == "60w");
    CHECK(c.shown(day) == "1376u64w");
    CHECK(c.shown(month) == "718u2w");
    CHECK_FALSE(c.history.has_buckets());
    CHECK(sizeof(health_history) <= 16);
    CHECK(sizeof(health_history) + sizeof(health_buckets) <= 2048);  // of any other
}

TEST_CASE("a bucket holds the worst of its time: lost, drained, well, unknown") {
    course c;
    c.note(well);
    c.pass(1min);
    c.note(lost);
    c.note(well);
    c.pass(1min);
    c.note(drained);
    c.note(well);
    c.pass(1min);
    c.note(drained);
    c.note(lost);
    c.note(drained);
    c.note(well);
    c.pass(1min);
    c.note(unknown);
    c.note(well);
    CHECK(c.shown() == "55u1w1l1d1l1w");
    CHECK(c.shown(month) == "719u1l");
}

TEST_CASE("what lasts longer than a bucket fills those between, and the one in which it ends") {
    course c;
    c.note(well);
    c.pass(10min);
    c.note(lost);
    c.pass(5min);
    CHECK(c.shown() == "44u10w6l");
    c.note(well);
    c.pass(10min);
    CHECK(c.shown() == "34u10w6l10w");
}

TEST_CASE("buckets older than the range are forgotten, and their places used again") {
    course c;
    c.note(lost);
    c.pass(1min);
    c.note(well);
    c.pass(std::chrono::hours(24));
    CHECK(c.shown(day) == "1440w");
    CHECK(c.shown(month) == "695u1l24w");
    c.note(drained);
    c.pass(std::chrono::hours(24 * 31));
    CHECK(c.shown(day) == "1440d");
    CHECK(c.shown(month) == "720d");
}

TEST_CASE("what the registry did not see is unknown, however long it was away") {
    course c;
    c.note(well);
    c.pass(5min);
    c.restart();
    c.jump(10min);
    CHECK(c.shown() == "44u6w9u1w");
    c.note(lost);
    c.restart();
    CHECK(c.shown() == "44u6w9u1l");
    c.jump(std::chrono::hours(24 * 400));
    CHECK(c.shown() == "59u1l");
    CHECK(c.shown(day) == "1439u1l");
    CHECK(c.shown(month) == "719u1l");
}

TEST_CASE("a clock that goes back a little stands still; what a wrong one has shown is void") {
    course c;
    c.note(well);
    c.pass(5min);
    c.jump(-3min);
    c.note(lost);
    CHECK(c.shown() == "54u5w1l");
    c.note(well);
    c.pass(3min);
    CHECK(c.shown() == "54u5w1l");
    c.pass(10min);
    CHECK(c.shown() == "44u5w1l10w");
    c.jump(30min);
    c.note(lost);
    c.jump(-30min);
    CHECK(c.shown() == "44u5w1l9w1l");
    c.note(well);
    c.pass(31min);
    CHECK(c.shown() == "13u5w1l9w1l31w");
}

TEST_CASE("a kept history is read as it was, and one that makes no sense is none") {
    course c;
    c.note(well);
    c.pass(3min);
    c.note(lost);
    c.pass(2min);
    c.note(well);
    const auto kept = c.history.to_keep();
    CHECK(kept.buckets.size() == 540);
    CHECK(run_lengths(health_history(kept), c.clock, hour) == c.shown());
    auto cut = kept;
    cut.buckets.pop_back();
    CHECK(run_lengths(health_history(cut), c.clock, hour) == "59u1w");
    auto odd = kept;
    odd.state = static_cast<health_state>(9);
    CHECK(health_history(odd).is_empty());
    CHECK_FALSE(c.history.is_saved());
}
