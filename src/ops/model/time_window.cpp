#include "ops/model/time_window.hpp"

#include <algorithm>
#include <chrono>

namespace distd::ops {
namespace {

wall_point floored(wall_point at, seconds step) noexcept {
    const auto since = at.time_since_epoch();
    return wall_point(since - since % step);
}

}  // namespace

std::size_t time_window::steps() const noexcept {
    return static_cast<std::size_t>((to - from + step - milliseconds(1)) / step);
}

time_window window_before(wall_point now, seconds span) noexcept {
    const auto step = span / time_window::max_steps;
    const auto to = floored(now, step) + step;
    return {to - step * time_window::max_steps, to, step};
}

time_window window_between(wall_point from, wall_point to) noexcept {
    constexpr auto max = time_window::max_steps;
    const auto whole = std::chrono::ceil<seconds>(to - from);
    const seconds step{std::max<std::int64_t>((whole.count() + max - 1) / max, 1)};
    return {floored(from, step), to, step};
}

}  // namespace distd::ops
