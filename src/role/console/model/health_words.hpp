// A health bar in words, for its title. Pure.
#pragma once

#include <string>
#include <string_view>

#include "ops/model/facts.hpp"
#include "ops/model/time_range.hpp"

namespace distd::ops::console {

// What one cell stands for: "min" and 24 are 24 minutes.
struct cell_words {
    std::string_view unit;  // min, h
    std::size_t size = 1;   // of one cell, in that unit
};
[[nodiscard]] cell_words cell_words_of(time_range);
// "well", "lost 3 min".
[[nodiscard]] std::string words_of(const health_bar&, const cell_words&);

}  // namespace distd::ops::console
