#include "role/grading/core/fold.hpp"

#include <array>

namespace distd::grading {
namespace {

constexpr unsigned first_letter = 0xc0;

// U+00C0 to U+017F; empty: stays as it is (the signs of multiplication and division).
constexpr std::array<std::string_view, 192> plain_letters{
    "a", "a", "a",  "a",  "a", "a", "ae", "c",  "e",  "e", "e", "e", "i",  "i",  "i", "i", "d", "n",
    "o", "o", "o",  "o",  "o", "",  "o",  "u",  "u",  "u", "u", "y", "th", "ss", "a", "a", "a", "a",
    "a", "a", "ae", "c",  "e", "e", "e",  "e",  "i",  "i", "i", "i", "d",  "n",  "o", "o", "o", "o",
    "o", "",  "o",  "u",  "u", "u", "u",  "y",  "th", "y", "a", "a", "a",  "a",  "a", "a", "c", "c",
    "c", "c", "c",  "c",  "c", "c", "d",  "d",  "d",  "d", "e", "e", "e",  "e",  "e", "e", "e", "e",
    "e", "e", "g",  "g",  "g", "g", "g",  "g",  "g",  "g", "h", "h", "h",  "h",  "i", "i", "i", "i",
    "i", "i", "i",  "i",  "i", "i", "ij", "ij", "j",  "j", "k", "k", "k",  "l",  "l", "l", "l", "l",
    "l", "l", "l",  "l",  "l", "n", "n",  "n",  "n",  "n", "n", "n", "n",  "n",  "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r",  "r",  "r",  "r", "s", "s", "s",  "s",  "s", "s", "s", "s",
    "t", "t", "t",  "t",  "t", "t", "u",  "u",  "u",  "u", "u", "u", "u",  "u",  "u", "u", "u", "u",
    "w", "w", "y",  "y",  "y", "z", "z",  "z",  "z",  "z", "z", "s",
};

constexpr bool is_combining(unsigned letter) { return letter >= 0x300 && letter <= 0x36f; }

}  // namespace

std::string folded(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const bool is_pair = lead >= 0xc2 && lead <= 0xdf && i + 1 < text.size();
        if (!is_pair) {
            plain += lead >= 'A' && lead <= 'Z' ? static_cast<char>(lead + ('a' - 'A')) : text[i];
            continue;
        }
        const auto letter = (lead & 0x1fU) << 6 | (static_cast<unsigned char>(text[i + 1]) & 0x3fU);
        ++i;
        if (is_combining(letter)) continue;
        const bool known = letter >= first_letter && letter < first_letter + plain_letters.size();
        const auto base = known ? plain_letters[letter - first_letter] : std::string_view();
        plain += base.empty() ? text.substr(i - 1, 2) : base;
    }
    return plain;
}

}  // namespace distd::grading
