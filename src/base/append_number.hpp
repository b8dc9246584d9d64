// Numbers as text at the end of a string, without an allocation of their own.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <string>

namespace distd {

template <std::integral Number>
void append_number(std::string& out, Number n, int base = 10) {
    std::array<char, 65> digits;  // of 64 bits in base 2, with a sign
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), n, base).ptr);
}

// The fewest digits that are read back as the same number.
template <std::floating_point Number>
void append_number(std::string& out, Number n) {
    std::array<char, 32> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr);
}

}  // namespace distd
