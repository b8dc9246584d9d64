#include "base/random.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

using namespace distd;

TEST_CASE("random numbers do not repeat, not even between threads") {
    std::set<std::uint64_t> seen;
    std::array<std::uint64_t, 100> elsewhere{};
    std::thread([&] { std::generate(elsewhere.begin(), elsewhere.end(), random_u64); }).join();
    seen.insert(elsewhere.begin(), elsewhere.end());
    for (int i = 0; i < 100; ++i) seen.insert(random_u64());
    CHECK(seen.size() == 200);
}

TEST_CASE("every bit of a random number varies") {
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

TEST_CASE("a bounded random choice covers exactly its range") {
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

namespace {

struct counting_source final : random_source {
    std::uint64_t next() override { return ++drawn; }
    std::uint64_t drawn = 0;
};

}  // namespace

TEST_CASE("an injected random source is deterministic") {
    counting_source source;
    auto* const before = set_random_source(&source);
    const std::vector<std::uint64_t> drawn{random_u64(), random_below(4), random_u64()};
    const auto id = random_hex(4);
    CHECK(set_random_source(before) == &source);
    CHECK(drawn == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(id == "4000");
    CHECK(random_u64() != 5);
}

namespace {

// How many bits of a sequence it takes to tell all that follow, if each is a sum of earlier ones (the
// shortest shift register that makes it, by Berlekamp and Massey). Of a sequence that hides nothing: half of
// them.
std::size_t linear_complexity(const std::vector<bool>& bits) {
    std::vector<bool> now(bits.size() + 1);
    std::vector<bool> before(bits.size() + 1);
    now[0] = before[0] = true;
    std::size_t length = 0;
    std::size_t since = 1;
    for (std::size_t n = 0; n < bits.size(); ++n, ++since) {
        bool differs = bits[n];
        for (std::size_t i = 1; i <= length; ++i) differs ^= now[i] && bits[n - i];
        if (!differs) continue;
        const auto kept = now;
        for (std::size_t i = 0; i + since < now.size(); ++i)
            if (before[i]) now[i + since] = !now[i + since];
        if (2 * length > n) continue;
        length = n + 1 - length;
        before = kept;
        since = 0;
    }
    return length;
}

}  // namespace

// Of xoshiro256**, whose outputs all ids once were, 512 bits of 256 words gave away all that followed: its
// multiplications and its turn are undone here, and what is left of its state is linear.
TEST_CASE("random numbers do not reveal the following ones") {
    constexpr std::uint64_t ninth = 0x8e38e38e38e38e39;  // 9 · ninth = 1, and so on
    constexpr std::uint64_t fifth = 0xcccccccccccccccd;
    std::vector<bool> bits;
    for (int i = 0; i < 1200; ++i) bits.push_back((std::rotr(random_u64() * ninth, 7) * fifth & 1) != 0);
    CHECK(linear_complexity(bits) > 500);
}
