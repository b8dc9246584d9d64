// Comparison of protocol words: ASCII letters without regard to case, in every locale.
#pragma once

#include <algorithm>
#include <string_view>

namespace distd::portal {

[[nodiscard]] inline bool same_letters(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [lower](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace distd::portal
