// Three lines of latencies over time, with the scale beside them. Pure.
#pragma once

#include <string>

#include "ops/model/facts.hpp"

namespace distd::ops::console {

// Empty where no step had a request.
[[nodiscard]] std::string draw_percentiles(const traffic&);

}  // namespace distd::ops::console
