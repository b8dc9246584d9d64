// Chance that a seed repeats: the same draws in the same order, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace distd::sim {

class chance {
public:
    explicit chance(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t draw() noexcept {  // splitmix64
        state_ += 0x9e3779b97f4a7c15;
        auto z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t n) noexcept { return n == 0 ? 0 : draw() % n; }
    // From the first to the second number, both included.
    std::uint64_t between(std::uint64_t min, std::uint64_t max) noexcept {
        return min + below(max - min + 1);
    }
    // 0: never.
    bool one_in(std::uint64_t n) noexcept { return n != 0 && below(n) == 0; }

private:
    std::uint64_t state_;
};

}  // namespace distd::sim
