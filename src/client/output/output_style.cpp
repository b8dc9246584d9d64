#include "client/output/output_style.hpp"

#include <array>

#include "base/utf8.hpp"
#include "ops/model/log_levels.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

// Neither red nor yellow: these say what is wrong.
constexpr std::array<std::string_view, 8> name_colours{"\x1b[36m", "\x1b[32m", "\x1b[35m", "\x1b[34m",
                                                       "\x1b[96m", "\x1b[92m", "\x1b[95m", "\x1b[94m"};

struct shape {
    std::string_view state;
    std::string_view glyph;
    tone colour;
};
constexpr shape shapes[]{
    {"sick", "▲", tone::sick},      {"held", "△", tone::sick},       {"drained", "‖", tone::warning},
    {"starting", "◌", tone::plain}, {"unchecked", "○", tone::plain}, {"well", "●", tone::well},
    {"dot", "·", tone::dim},
};

struct spelling {
    std::string_view character;
    std::string_view ascii;
};
constexpr spelling spellings[]{{"–", "-"},   {"—", "-"},      {"…", "..."},    {"·", "-"}, {"→", "->"},
                               {"↔", "<->"}, {"\u00a0", " "}, {"\u202f", ","}, {"×", "x"}, {"\u2026", "..."}};

std::string_view spelled(std::string_view character) {
    for (const auto& s : spellings)
        if (s.character == character) return s.ascii;
    return "?";
}

}  // namespace

std::string output_style::paint(std::string_view text, tone t) const {
    return to.has_colours ? painted(text, t) : std::string(text);
}

std::string output_style::paint_name(std::string_view text, std::string_view name) const {
    if (!to.has_colours) return std::string(text);
    return painted(text, name_colours[colour_of_name(name, name_colours.size())]);
}

std::string glyph_of(std::string_view state, const output_style& l) {
    for (const auto& s : shapes)
        if (s.state == state) return std::string(l.to.has_utf8 ? s.glyph : state == "dot" ? "-" : s.state);
    return std::string(state);
}

tone tone_of(std::string_view state) noexcept {
    for (const auto& s : shapes)
        if (s.state == state) return s.colour;
    return tone::plain;
}

tone tone_of_level(std::string_view level) noexcept {
    if (is_error_level(level)) return tone::sick;
    if (level == "warn") return tone::warning;
    return level == "info" ? tone::plain : tone::dim;
}

std::string for_charset(std::string_view text, const output_style& l) {
    if (l.to.has_utf8) return std::string(text);
    std::string out;
    while (!text.empty()) {
        const auto size = std::max<std::size_t>(utf8_length(text), 1);
        const auto one = text.substr(0, size);
        out += size == 1 && static_cast<unsigned char>(one[0]) < 0x80 ? one : spelled(one);
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace distd::ops::client
