// Points of the wall clock as they stand in JSON. Pure.
#pragma once

#include <distd/time.hpp>
#include <string>

namespace distd::registry {

[[nodiscard]] std::string utc(wall_point);                    // 2024-05-01T12:00:00Z
[[nodiscard]] std::string utc_with_milliseconds(wall_point);  // 2024-05-01T12:00:00.250Z

}  // namespace distd::registry
