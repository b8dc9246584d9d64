// The time of day on this machine's own clock, for people. Everything else is in UTC.
#pragma once

#include <distd/time.hpp>

namespace distd {

// By how much it is ahead of UTC at that time.
[[nodiscard]] seconds local_time_offset(wall_point) noexcept;

}  // namespace distd
