// The clock by which lines are deleted: a jump ahead is not believed at once.
#include "role/log/storage/retention_clock.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace distd;
using distd::logs::retention_clock;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;

namespace {

struct scene {
    explicit scene(nanoseconds age) : clock(age.count()) {}

    void pass(nanoseconds time) {
        now += std::chrono::duration_cast<steady_point::duration>(time);
        wall += time;
    }
    nanoseconds read() { return nanoseconds(clock.read_ns(wall.count(), now)); }

    retention_clock clock;
    steady_point now{};
    nanoseconds wall = hours(500'000);
};

}  // namespace

TEST_CASE("lines are deleted by the wall clock as it starts, goes on, is adjusted and set back") {
    scene s(hours(24 * 30));
    CHECK(s.read() == s.wall);
    for (const nanoseconds step : {nanoseconds(minutes(1)), nanoseconds(-hours(5)), nanoseconds(0)}) {
        s.pass(hours(1));
        s.wall += step;
        CHECK(s.read() == s.wall);
    }
}

TEST_CASE("a clock that is ahead for a while deletes nothing") {
    scene s(hours(24 * 30));
    const auto begin = s.read();
    s.wall += hours(24 * 365);
    for (int i = 1; i < 24; ++i) {
        s.pass(hours(1));
        CHECK(s.read() == begin + hours(i));
    }
    s.wall -= hours(24 * 365);
    CHECK(s.read() == s.wall);
    s.wall += hours(24 * 365);
    s.pass(hours(23));
    CHECK(s.read() == begin + hours(23 + 23));
}

TEST_CASE("a clock that stays ahead for a day, or for the age of lines, is believed") {
    for (const auto& [age, patience] :
         {std::pair(hours(24 * 30), hours(24)), std::pair(hours(2), hours(2))}) {
        scene s(age);
        static_cast<void>(s.read());
        s.wall += hours(48);
        CHECK(s.read() < s.wall);
        s.pass(patience);
        CHECK(s.read() == s.wall);
        s.pass(minutes(1));
        CHECK(s.read() == s.wall);
    }
}
