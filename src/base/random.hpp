// Random numbers for ids, jitter and choices between equals. They come from OpenSSL, which the kernel seeds,
// a block at a time for each thread: whoever has seen any of them knows nothing of the others, so an id that
// decides something may be drawn here as well as one that everybody is shown.
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

// Where the numbers come from.
class random_source {
public:
    virtual ~random_source() = default;
    virtual std::uint64_t next() = 0;  // on whatever thread draws
};

// For a test that must draw the same numbers again: on all threads, from now on, until it is called with the
// next one. Null: the kernel. Returns the one before. The source outlives its use.
random_source* set_random_source(random_source*) noexcept;

}  // namespace distd
