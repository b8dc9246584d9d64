// The spans of time that are looked back over: an hour, a day, a month. Pure.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <string_view>

namespace distd::ops {

enum class time_range : std::uint8_t { hour, day, month };
[[nodiscard]] std::string_view to_string(time_range) noexcept;  // 1h, 24h, 30d
[[nodiscard]] std::string_view label_of(time_range) noexcept;   // 1 h, 24 h, 30 d
[[nodiscard]] std::string_view words_of(time_range) noexcept;   // last hour, last 24 hours, last 30 days
[[nodiscard]] milliseconds span_of(time_range) noexcept;

}  // namespace distd::ops
