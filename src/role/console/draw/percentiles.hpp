// Three lines of latencies over time, with the scale beside them. Pure.
#pragma once

#include <string>

#include "role/console/model/facts.hpp"

namespace distd::console {

// Empty where no step had a request.
[[nodiscard]] std::string draw_percentiles(const traffic&);

}  // namespace distd::console
