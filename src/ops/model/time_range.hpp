// The spans of time that are looked back over: an hour, a day, a month. Pure.
#pragma once

#include <distd/time.hpp>
#include <string_view>

#include "wire/time_range.hpp"

namespace distd::ops {

using wire::time_range;
[[nodiscard]] std::string_view label_of(time_range) noexcept;  // 1 h, 24 h, 30 d
[[nodiscard]] std::string_view words_of(time_range) noexcept;  // last hour, last 24 hours, last 30 days
[[nodiscard]] milliseconds span_of(time_range) noexcept;

}  // namespace distd::ops
