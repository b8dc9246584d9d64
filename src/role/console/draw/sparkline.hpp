// Requests over time as a small area. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "role/console/model/facts.hpp"

namespace distd::console {

// Empty where there is nothing to show.
[[nodiscard]] std::string draw_sparkline(const traffic&);

}  // namespace distd::console
