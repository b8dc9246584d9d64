// Fast random numbers for ids, jitter and choices between equals. Not for secrets: whoever sees a few of them
// can tell the next. Each thread has a generator of its own, seeded by the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace distd {

[[nodiscard]] std::uint64_t random_u64();

// Evenly from 0 to bound - 1; 0 when bound is 0.
[[nodiscard]] std::uint64_t random_below(std::uint64_t bound);

// So many lower-case hex digits.
[[nodiscard]] std::string random_hex(std::size_t digits);

}  // namespace distd
