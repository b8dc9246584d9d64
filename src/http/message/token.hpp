// What names are made of in HTTP: methods, fields. RFC 9110 § 5.6.2.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace distd::http {

inline constexpr auto token_characters = [] {
    std::array<bool, 256> table{};
    for (const unsigned char c :
         std::string_view("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
        table[c] = true;
    return table;
}();

[[nodiscard]] constexpr bool is_token_char(char c) noexcept {
    return token_characters[static_cast<unsigned char>(c)];
}

[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

}  // namespace distd::http
