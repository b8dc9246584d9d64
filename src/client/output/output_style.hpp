// How the client writes: colours, glyphs and how times are shown. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/terminal.hpp"

namespace distd::ops::client {

struct output_style {
    terminal to{};
    bool is_utc = false;
    bool is_json = false;

    // The text in the colour of the tone, where there are colours.
    [[nodiscard]] std::string paint(std::string_view text, tone) const;
    // One of the colours that tell services apart: always the same for a name.
    [[nodiscard]] std::string paint_name(std::string_view text, std::string_view name) const;
};

// The shape of a state (sick, held, drained, starting, unchecked, well, dot), or its word without UTF-8.
[[nodiscard]] std::string glyph_of(std::string_view state, const output_style&);
[[nodiscard]] tone tone_of(std::string_view state) noexcept;
// Of a level of the log.
[[nodiscard]] tone tone_of_level(std::string_view level) noexcept;

// Plain letters for what is no ASCII among our own words (dashes, ellipses), where a terminal cannot show it.
[[nodiscard]] std::string for_charset(std::string_view text, const output_style&);

}  // namespace distd::ops::client
