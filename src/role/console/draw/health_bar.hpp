// Health over time as an SVG of 60 cells: a low pale cell is well, a full one lost, a middle one drained, a
// dot unknown, so that it is readable in grey, too. Pure. Colours are the style sheet's.
#pragma once

#include <string>
#include <string_view>

#include "ops/model/facts.hpp"

namespace distd::ops::console {

// What one cell stands for: "min" and 24 are 24 minutes.
struct cell_words {
    std::string_view unit;  // min, h
    std::size_t size = 1;   // of one cell, in that unit
};
// In words: "well", "lost 3 min".
[[nodiscard]] std::string words_of(const health_bar&, const cell_words&);
// `title` is any text, mostly `words_of`; with these at most 700 bytes.
[[nodiscard]] std::string draw_health_bar(const health_bar&, std::string_view title);

}  // namespace distd::ops::console
