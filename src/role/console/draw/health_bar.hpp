// Health over time as an SVG of 60 cells: a low pale cell is well, a full one lost, a middle one drained, a
// dot unknown, so that it is readable in grey, too. Pure. Colours are the style sheet's.
#pragma once

#include <string>
#include <string_view>

#include "ops/model/facts.hpp"

namespace distd::ops::console {

// `title` is any text, mostly its words; with these at most 700 bytes.
[[nodiscard]] std::string draw_health_bar(const health_bar&, std::string_view title);

}  // namespace distd::ops::console
