// Numbers that a whole text stands for.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace distd {

// nullopt: the text is something else, also if only at its end, or out of range. There is no space, no plus,
// and no minus for a type without a sign.
template <std::integral Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, int base = 10) noexcept {
    Number n{};
    const auto* const end = text.data() + text.size();
    const auto [stop, ec] = std::from_chars(text.data(), end, n, base);
    return ec == std::errc() && stop == end ? std::optional(n) : std::nullopt;
}

template <std::floating_point Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text) noexcept {
    Number n{};
    const auto* const end = text.data() + text.size();
    const auto [stop, ec] = std::from_chars(text.data(), end, n);
    return ec == std::errc() && stop == end ? std::optional(n) : std::nullopt;
}

}  // namespace distd
