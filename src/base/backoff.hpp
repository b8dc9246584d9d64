// How long to wait before the next try of something that keeps failing: exponential backoff with jitter.
// Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <distd/time.hpp>

namespace distd {

// After so many failures in a row, of which there is at least one: `first`, doubled with each further one up
// to `max`. Between half of that and all of it, as the random number `draw` says, so that those who lost
// something together do not all come back to it at the same moment.
[[nodiscard]] inline milliseconds backoff(unsigned failures, milliseconds first, milliseconds max,
                                          std::uint64_t draw) noexcept {
    const auto doublings = std::min(std::max(failures, 1U) - 1, 30U);
    const auto span = std::min(first * (std::int64_t{1} << doublings), max).count();
    return milliseconds(span / 2 +
                        static_cast<std::int64_t>(draw % static_cast<std::uint64_t>(span / 2 + 1)));
}

}  // namespace distd
