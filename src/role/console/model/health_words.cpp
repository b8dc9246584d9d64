#include "role/console/model/health_words.hpp"

#include <algorithm>

namespace distd::ops::console {

cell_words cell_words_of(time_range r) {
    switch (r) {
        case time_range::day: return {"min", 24};
        case time_range::month: return {"h", 12};
        default: return {"min", 1};
    }
}

std::string words_of(const health_bar& bar, const cell_words& words) {
    const auto count = [&](health_cell cell) {
        return static_cast<std::size_t>(std::ranges::count(bar, cell)) * words.size;
    };
    std::string text;
    const auto add = [&](health_cell cell, std::string_view word) {
        const auto n = count(cell);
        if (n == 0) return;
        text += text.empty() ? "" : ", ";
        text.append(word).append(" ").append(std::to_string(n)).append(" ").append(words.unit);
    };
    add(health_cell::lost, "lost");
    add(health_cell::drained, "drained");
    if (text.empty() && count(health_cell::well) > 0) text = "well";
    return text.empty() ? "not known" : text;
}

}  // namespace distd::ops::console
