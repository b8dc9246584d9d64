// What is UTF-8 and what is not: overlong forms, surrogates and numbers past U+10FFFF are not. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace distd {

// The bytes of the character that begins `text`, or 0 when they are not UTF-8 or `text` is empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

// Characters that look like others or like nothing, and act: C1 controls steer terminals, U+2028 and U+2029
// end lines for some readers. `character` is one whole character.
[[nodiscard]] bool is_acting_character(std::string_view character) noexcept;

// Characters that change the direction of what follows, or have no width, so that one text could look like
// another. `character` is one whole character.
[[nodiscard]] bool is_direction_mark(std::string_view character) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// Appends the character of that number; U+FFFD for what is none.
void append_utf8(std::string& out, std::uint32_t code);

}  // namespace distd
