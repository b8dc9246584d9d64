#include "base/random.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

using namespace distd;

TEST_CASE("random numbers do not repeat, not even between threads") {
    std::set<std::uint64_t> seen;
    std::array<std::uint64_t, 100> elsewhere{};
    std::thread([&] { std::generate(elsewhere.begin(), elsewhere.end(), random_u64); }).join();
    seen.insert(elsewhere.begin(), elsewhere.end());
    for (int i = 0; i < 100; ++i) seen.insert(random_u64());
    CHECK(seen.size() == 200);
}

TEST_CASE("every bit is sometimes set and sometimes not") {
    std::uint64_t ones = 0;
    std::uint64_t zeros = 0;
    for (int i = 0; i < 200; ++i) {
        const auto drawn = random_u64();
        ones |= drawn;
        zeros |= ~drawn;
    }
    CHECK(~ones == 0);
    CHECK(~zeros == 0);
}

TEST_CASE("a bounded choice reaches all it may and nothing else") {
    std::set<std::uint64_t> drawn;
    for (int i = 0; i < 1000; ++i) drawn.insert(random_below(5));
    CHECK(drawn == std::set<std::uint64_t>{0, 1, 2, 3, 4});
    CHECK(random_below(1) == 0);
    CHECK(random_below(0) == 0);
}

TEST_CASE("an id has as many lower-case hex digits as asked for") {
    for (const std::size_t digits : {0u, 1u, 16u, 32u, 33u}) {
        const auto id = random_hex(digits);
        CHECK(id.size() == digits);
        CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    }
    const auto id = random_hex(32);
    CHECK(id.substr(0, 16) != id.substr(16));
}
