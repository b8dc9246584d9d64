#include "base/terminal_text.hpp"

#include <algorithm>

#include "base/spans.hpp"
#include "base/utf8.hpp"

namespace distd {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::size_t min_columns = 60;

// `character`: one whole character.
bool may_be_shown(std::string_view character) noexcept {
    if (character.size() == 1) return character[0] >= 0x20 && character[0] != 0x7f;
    return !is_acting_character(character) && !is_direction_mark(character);
}

// The signs that we use ourselves, for those who see no other than ASCII.
std::string_view ascii_of(std::string_view character) noexcept {
    if (character.size() == 1) return character;
    if (character == "●") return "*";
    if (character == "▲") return "!";
    if (character == "‖") return "=";
    if (character == "·") return "-";
    if (character == "…") return "~";
    return {};
}

std::string in_ascii(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto character = text.substr(0, std::max<std::size_t>(utf8_length(text), 1));
        const auto sign = ascii_of(character);
        if (sign.empty()) out.append(width_of(character), '?');
        out += sign;
        text.remove_prefix(character.size());
    }
    return out;
}

std::string with_unit(std::int64_t tenths, bool has_fraction, std::string_view unit) {
    auto text = std::to_string(tenths / 10);
    if (has_fraction) (text += '.') += static_cast<char>('0' + tenths % 10);
    return text.append(" ").append(unit);
}

}  // namespace

terminal for_lines(terminal t) noexcept {
    if (t.columns != 0) t.columns = std::max(t.columns, min_columns);
    return t;
}

std::string shown(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const auto character = text.substr(0, std::max<std::size_t>(length, 1));
        if (character == "\n" || character == "\t" || character == "\r") {
            out += ' ';
        } else {
            out += length != 0 && may_be_shown(character) ? character : replacement;
        }
        text.remove_prefix(character.size());
    }
    return out;
}

std::string span_words(std::chrono::microseconds span) {
    const auto us = std::max<std::int64_t>(span.count(), 0);
    if (us < 999'500) return with_unit(us / 100, us < 10'000, "ms");
    const auto tenths = us / 100'000;  // of a second
    if (tenths < 600) return with_unit(tenths, tenths < 100, "s");
    const auto whole = whole_span_of(std::chrono::duration_cast<milliseconds>(span));
    return std::to_string(whole.number).append(" ").append(whole.unit);
}

terminal_line& terminal_line::put(std::string_view text, tone t) {
    auto visible = shown(text);
    const auto columns = width_of(visible);
    columns_ += columns;
    pieces_.push_back({std::move(visible), columns, t, false});
    return *this;
}

terminal_line& terminal_line::put_whole(std::string_view text, tone t) {
    put(text, t);
    pieces_.back().is_whole = true;
    return *this;
}

terminal_line& terminal_line::go_to(std::size_t column) {
    return put(std::string(column > columns_ ? column - columns_ : 1, ' '));
}

// A line ends at the terminal's edge, or at a later one when the last address in it ends beyond.
std::size_t terminal_line::limit(std::size_t terminal_columns) const noexcept {
    auto limit = terminal_columns;
    std::size_t used = 0;
    for (const auto& p : pieces_) {
        used += p.columns;
        while (p.is_whole && used > limit) limit += terminal_columns;
    }
    return limit;
}

void terminal_line::append_to(std::string& out, const terminal& t) const {
    const auto limit = t.columns == 0 ? columns_ : this->limit(t.columns);
    const bool fits = columns_ <= limit;
    auto room = limit;
    for (const auto& p : pieces_) {
        // The last column is for "…", unless all of it fits.
        const bool is_last = !fits && !p.is_whole && p.columns + 1 > room;
        const auto text = is_last ? cut_to_width(p.text + " ", room) : p.text;
        out += painted(t.has_utf8 ? text : in_ascii(text), t.has_colours ? p.colour : tone::plain);
        if (is_last) break;
        room -= p.columns;
    }
    out += '\n';
}

}  // namespace distd
