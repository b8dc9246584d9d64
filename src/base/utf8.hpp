// What is UTF-8 and what is not: overlong forms, surrogates and numbers past U+10FFFF are not.
#pragma once

#include <cstddef>
#include <string_view>

namespace distd {

// The bytes of the character that begins `text`, or 0 when they are not UTF-8 or `text` is empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace distd
