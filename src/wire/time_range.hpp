// The spans of time that histories are asked for by: an hour, a day, a month. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace distd::wire {

enum class time_range : std::uint8_t { hour, day, month };

inline constexpr std::array<std::string_view, 3> time_range_names{"1h", "24h", "30d"};

[[nodiscard]] constexpr std::string_view to_string(time_range r) noexcept {
    return time_range_names[static_cast<std::size_t>(r)];
}

[[nodiscard]] constexpr std::optional<time_range> to_time_range(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(time_range_names, name);
    if (found == time_range_names.end()) return std::nullopt;
    return static_cast<time_range>(found - time_range_names.begin());
}

// A history of health has that many: minutes, of a month hours.
[[nodiscard]] constexpr std::uint32_t buckets_in(time_range r) noexcept {
    return r == time_range::hour ? 60 : r == time_range::day ? 24 * 60 : 30 * 24;
}

}  // namespace distd::wire
