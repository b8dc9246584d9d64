// Enums whose values have names, in the order of the values. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace distd::registry {

template <class Enum, std::size_t Count>
[[nodiscard]] std::optional<Enum> value_named(const std::array<std::string_view, Count>& names,
                                              std::string_view text) noexcept {
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

}  // namespace distd::registry
