#include "role/portal/gateway/traffic_series.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::portal;

namespace {

constexpr auto start = steady_point(std::chrono::hours(100));
const auto first = traffic_series::slot_of(start);

bool is_near(std::uint64_t found, std::uint64_t expected) {
    return found * 100 >= expected * 93 && found * 100 <= expected * 107;
}

}  // namespace

TEST_CASE("a traffic series counts requests, failures and the most in flight by slots of ten seconds") {
    traffic_series t;
    t.add(start, {milliseconds(5), false, 0, 1});
    t.add(start + seconds(9), {milliseconds(5), true, 0, 7});
    t.add(start + seconds(10), {milliseconds(5), false, 0, 2});
    const auto both = t.sum(first, first + 2);
    CHECK(both.requests == 3);
    CHECK(both.failures == 1);
    CHECK(both.max_in_flight == 7);
    CHECK(t.sum(first, first + 1).requests == 2);
    CHECK(t.sum(first + 1, first + 2).failures == 0);
    CHECK(t.sum(first + 2, first + 100).requests == 0);
    CHECK_FALSE(t.sum(first + 2, first + 100).percentiles);
    CHECK(t.sum(first - 1'000'000, first).requests == 0);
}

TEST_CASE("a traffic series counts retries") {
    traffic_series t;
    t.add(start, {milliseconds(5), false, 2, 1});
    t.add(start + seconds(1), {milliseconds(5), false, 0, 1});
    t.add(start + seconds(10), {milliseconds(5), true, 1, 1});
    CHECK(t.sum(first, first + 1).retries == 2);
    CHECK(t.sum(first, first + 2).retries == 3);
    for (int i = 0; i < 70'000; ++i) t.add(start + seconds(20), {milliseconds(1), false, 1, 1});
    CHECK(t.sum(first + 2, first + 3).retries == 65'535);  // as many as a slot can tell
}

TEST_CASE("percentiles of a slot that has not ended are those of its requests") {
    traffic_series t;
    for (int i = 1; i <= 100; ++i) t.add(start, {milliseconds(i), false, 0, 1});
    const auto p = t.sum(first, first + 1).percentiles.value();
    CHECK(is_near(p.p50_us, 50'000));
    CHECK(is_near(p.p95_us, 95'000));
    CHECK(is_near(p.p99_us, 99'000));
}

TEST_CASE("percentiles of slots that are alike are the same for any number of them") {
    traffic_series t;
    for (int s = 0; s < 30; ++s)
        for (int i = 1; i <= 100; ++i) t.add(start + s * seconds(10), {milliseconds(i), false, 0, 1});
    for (const auto [from, end] : {std::pair(0, 1), std::pair(0, 30), std::pair(28, 30), std::pair(7, 19)}) {
        const auto p = t.sum(first + from, first + end).percentiles.value();
        CHECK(is_near(p.p50_us, 50'000));
        CHECK(is_near(p.p95_us, 95'000));
        CHECK(is_near(p.p99_us, 99'000));
    }
}

TEST_CASE("a slow slot shows among fast ones by its share of the requests") {
    traffic_series t;
    for (int i = 0; i < 90; ++i) t.add(start, {milliseconds(1), false, 0, 1});
    for (int i = 0; i < 10; ++i) t.add(start + seconds(10), {seconds(2), false, 0, 1});
    t.add(start + seconds(20), {milliseconds(1), false, 0, 1});
    const auto p = t.sum(first, first + 3).percentiles.value();
    CHECK(is_near(p.p50_us, 1'000));
    CHECK(is_near(p.p95_us, 2'000'000));
}

TEST_CASE("times of any length have a place") {
    traffic_series t;
    t.add(start, {steady_point::duration(-5), false, 0, 1});
    CHECK(t.sum(first, first + 1).percentiles.value().p50_us == 0);
    for (const auto us : {0, 3, 7, 8, 9, 100, 12'345, 30'000'000}) {
        traffic_series one;
        one.add(start, {std::chrono::microseconds(us), false, 0, 1});
        CHECK(is_near(one.sum(first, first + 1).percentiles.value().p99_us, static_cast<std::uint64_t>(us)));
    }
    traffic_series day;
    day.add(start, {std::chrono::hours(24), false, 0, 1'000'000});
    CHECK(day.sum(first, first + 1).percentiles.value().p50_us > 10'000'000'000);
    CHECK(day.sum(first, first + 1).max_in_flight == 65535);
}

TEST_CASE("six hours of traffic are kept, and what is older is gone") {
    traffic_series t;
    const auto slots = traffic_series::slots_kept + 500;
    for (std::int64_t i = 0; i < slots; ++i) t.add(start + i * seconds(10), {milliseconds(1), false, 0, 1});
    const auto end = first + slots;
    CHECK(t.sum(end - traffic_series::slots_kept, end).requests == traffic_series::slots_kept);
    CHECK(t.sum(first, first + 100).requests == 0);
    // After a silence longer than the ring nothing of before shows.
    t.add(start + std::chrono::hours(50), {milliseconds(1), false, 0, 1});
    const auto now = traffic_series::slot_of(start + std::chrono::hours(50));
    CHECK(t.sum(now - traffic_series::slots_kept, now + 1).requests == 1);
}
