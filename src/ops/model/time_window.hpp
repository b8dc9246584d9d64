// The time that a range covers at a moment, in whole steps. Whoever counts and whoever lists what is counted
// asks this, so that both begin at the same moment. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/time.hpp>

namespace distd::ops {

struct time_window {
    static constexpr std::int64_t max_steps = 60;

    wall_point from{};
    wall_point to{};
    seconds step{60};
    [[nodiscard]] std::size_t steps() const noexcept;
};

// Of the last `span`: it ends with the step that has begun, so it begins up to one step later than the span.
[[nodiscard]] time_window window_before(wall_point now, seconds span) noexcept;
// Between two moments: the first step begins where the log service's counts do.
[[nodiscard]] time_window window_between(wall_point from, wall_point to) noexcept;

}  // namespace distd::ops
