// Health over time as an SVG of 60 cells: a low pale cell is well, a full one lost, a middle one drained, a
// dot unknown, so that it is readable in grey, too. Pure. Colours are the style sheet's.
#pragma once

#include <string>
#include <string_view>

#include "ops/model/facts.hpp"

namespace distd::ops::console {

// `part`: what one cell stands for, such as "1 min"; `parts` of several. At most 700 bytes.
struct cell_words {
    std::string_view unit;  // min, h
    std::size_t size = 1;   // of one cell, in that unit
};
[[nodiscard]] std::string draw_health_bar(const health_bar&, const cell_words&);

// The same in words: "well", "lost 3 min of it".
[[nodiscard]] std::string words_of(const health_bar&, const cell_words&);

}  // namespace distd::ops::console
