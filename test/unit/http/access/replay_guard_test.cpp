#include "http/access/replay_guard.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::http;
using judgement = replay_guard::judgement;

namespace {

struct scene {
    judgement take(std::uint64_t sender, std::uint64_t number, const std::string& from = "10.0.0.1") {
        return guard.take(sender, number, from, now);
    }
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
    constexpr auto half = replay_guard::max_senders / 2;
    for (std::uint64_t i = 0; i < half; ++i) REQUIRE(take(i, 1) == judgement::fresh);
    for (std::uint64_t i = half; i < 2 * half; ++i) REQUIRE(take(i, 1, "10.0.0.2") == judgement::fresh);
    CHECK(take(2 * half, 1, "10.0.0.3") == judgement::full);
    now += seconds(120);
    CHECK(take(7, 2) == judgement::fresh);
    now += milliseconds(1);
    CHECK(take(2 * half, 1, "10.0.0.3") == judgement::fresh);
    CHECK(take(7, 1) == judgement::seen);
}

TEST_CASE_METHOD(scene, "one source has half of the senders, and half of those that call often") {
    std::uint64_t sender = 0;
    const auto call_often = [&](const std::string& from) {
        ++sender;
        auto said = judgement::fresh;
        for (std::uint64_t n = 1; n <= replay_guard::few_calls + 1; ++n) said = take(sender, n, from);
        return said;
    };
    for (std::size_t i = 0; i < replay_guard::max_busy / 2; ++i)
        REQUIRE(call_often("2001:db8::" + std::to_string(i)) == judgement::fresh);
    CHECK(call_often("2001:db8::ffff") == judgement::full);
    CHECK(call_often("10.0.0.1") == judgement::fresh);
    while (take(++sender, 1, "2001:db8::1") == judgement::fresh) {}
    CHECK(sender < replay_guard::max_senders);
    CHECK(take(++sender, 1, "10.0.0.1") == judgement::fresh);
}
