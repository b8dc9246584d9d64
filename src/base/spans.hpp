// Spans of time in the largest unit that says enough of them: 4 s, 38 min, 3 h, 12 d. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <distd/time.hpp>
#include <string_view>

namespace distd {

struct whole_span {
    std::int64_t number;  // what is left over is not counted
    std::string_view unit;
    std::string_view short_unit;  // "38m"
};

[[nodiscard]] constexpr whole_span whole_span_of(milliseconds span) noexcept {
    const auto s = std::max<std::int64_t>(span.count() / 1000, 0);
    if (s < 60) return {s, "s", "s"};
    if (s < 3600) return {s / 60, "min", "m"};
    if (s < 48 * 3600) return {s / 3600, "h", "h"};
    return {s / 86'400, "d", "d"};
}

}  // namespace distd
