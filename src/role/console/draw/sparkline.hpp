// Requests over time as a small area. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops/model/facts.hpp"

namespace distd::ops::console {

// Empty where there is nothing to show.
[[nodiscard]] std::string draw_sparkline(const traffic&);

}  // namespace distd::ops::console
