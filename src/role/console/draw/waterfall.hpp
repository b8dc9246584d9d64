// The part of a request's time that one call took, as a bar in a row of its own. Pure.
#pragma once

#include <chrono>
#include <string>

namespace distd::ops::console {

[[nodiscard]] std::string draw_span(std::chrono::microseconds begin, std::chrono::microseconds took,
                                    std::chrono::microseconds whole, bool has_failed);

}  // namespace distd::ops::console
