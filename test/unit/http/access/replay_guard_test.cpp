#include "http/access/replay_guard.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::http;
using judgement = replay_guard::judgement;

namespace {

struct scene {
    judgement take(std::uint64_t sender, std::uint64_t number) { return guard.take(sender, number, now); }
    replay_guard guard{seconds(120)};
    steady_point now{seconds(1000)};
};

}  // namespace

TEST_CASE_METHOD(scene, "each call of each sender is taken once, in whatever order they come") {
    for (const std::uint64_t number : {5, 7, 6, 1, 100'000, 99'999, 200'000})
        for (const std::uint64_t sender : {1, 2}) {
            CAPTURE(number, sender);
            CHECK(take(sender, number) == judgement::fresh);
            CHECK(take(sender, number) == judgement::seen);
        }
}

TEST_CASE_METHOD(scene, "numbers that are far below the highest count as seen") {
    CHECK(take(1, 1) == judgement::fresh);
    CHECK(take(1, replay_guard::remembered_calls) == judgement::fresh);
    CHECK(take(1, 2) == judgement::fresh);
    CHECK(take(1, replay_guard::remembered_calls + 3) == judgement::fresh);
    CHECK(take(1, 3) == judgement::seen);
    CHECK(take(1, 4) == judgement::fresh);
    CHECK(take(1, 10 * replay_guard::remembered_calls) == judgement::fresh);
    CHECK(take(1, replay_guard::remembered_calls + 4) == judgement::seen);
}

TEST_CASE_METHOD(scene, "senders have a bound, and those that are silent for long make room") {
    for (std::uint64_t i = 0; i < replay_guard::max_senders; ++i) REQUIRE(take(i, 1) == judgement::fresh);
    CHECK(take(replay_guard::max_senders, 1) == judgement::full);
    now += seconds(120);
    CHECK(take(7, 2) == judgement::fresh);
    now += milliseconds(1);
    CHECK(take(replay_guard::max_senders, 1) == judgement::fresh);
    CHECK(take(7, 1) == judgement::seen);
}
