#include "base/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/environment.hpp"
#include "base/parse_number.hpp"
#include "base/utf8.hpp"

namespace distd {
namespace {

constexpr std::size_t default_columns = 80;  // of a terminal that does not say how wide it is

std::size_t columns_of(int descriptor) {
    winsize size{};
    return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool is_utf8_locale(const terminal_facts& facts) {
    for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const auto value = ascii::lowered(facts.variable(name));
        if (value.empty()) continue;  // the next one counts
        return value.find("utf-8") != value.npos || value.find("utf8") != value.npos;
    }
    return false;
}

std::string_view colour_of(tone t) noexcept {
    switch (t) {
        case tone::plain: return {};
        case tone::sick: return "\x1b[31m";
        case tone::warning: return "\x1b[33m";
        case tone::well: return "\x1b[32m";
        case tone::dim: return "\x1b[2m";
        case tone::bold: return "\x1b[1m";
        case tone::link: return "\x1b[36m";
    }
    return {};
}

struct range {
    std::uint32_t first;
    std::uint32_t last;
};
template <std::size_t N>
bool is_in(const range (&ranges)[N], std::uint32_t c) {
    return std::ranges::any_of(ranges, [c](const range& r) { return c >= r.first && c <= r.last; });
}

// The blocks of Unicode that terminals agree about; what is in none of them takes one column.
std::size_t columns_of_character(std::uint32_t c) {
    static constexpr range marks[]{{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},
                                   {0x64B, 0x65F},   {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2069},
                                   {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};
    static constexpr range wide[]{{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                                  {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                                  {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                                  {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};
    if (c < 0x300) return 1;
    if (is_in(marks, c)) return 0;
    return is_in(wide, c) ? 2 : 1;
}

std::uint32_t code_of(std::string_view character) {
    const auto lead = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return lead;
    std::uint32_t c = lead & (0xFFU >> (character.size() + 1));
    for (const char next : character.substr(1)) c = c << 6U | (static_cast<unsigned char>(next) & 0x3FU);
    return c;
}

// Takes the first character off the text; a byte that is no UTF-8 stands for itself.
std::string_view take_character(std::string_view& text) {
    const auto size = std::max<std::size_t>(utf8_length(text), 1);
    const auto first = text.substr(0, size);
    text.remove_prefix(size);
    return first;
}

// A piece of at most so many columns off the front: up to a space where there is one in its last two thirds.
std::string take_piece(std::string_view& text, std::size_t columns) {
    if (width_of(text) <= columns) return std::string(std::exchange(text, {}));
    auto piece = cut_to_width(text, columns, "");
    const bool ends_word = text.substr(piece.size()).starts_with(' ');
    if (const auto space = piece.rfind(' '); !ends_word && space != piece.npos && space * 3 > piece.size())
        piece.resize(space);
    else if (piece.empty())
        piece = text.substr(0, std::max<std::size_t>(utf8_length(text), 1));  // a wide one in one column
    text.remove_prefix(piece.size());
    while (text.starts_with(' ')) text.remove_prefix(1);
    return piece;
}

}  // namespace

std::string painted(std::string_view text, std::string_view colour) {
    if (text.empty() || colour.empty()) return std::string(text);
    return std::string(colour) + std::string(text) + "\x1b[0m";
}

std::string painted(std::string_view text, tone t) { return painted(text, colour_of(t)); }

terminal judge_terminal(const terminal_facts& facts, colours wanted) {
    terminal t;
    t.is_terminal = facts.is_terminal;
    const bool useful =
        facts.is_terminal && facts.variable("NO_COLOR").empty() && facts.variable("TERM") != "dumb";
    t.has_colours = wanted == colours::always || (wanted == colours::when_useful && useful);
    t.has_utf8 = !facts.is_terminal || is_utf8_locale(facts);
    if (!facts.is_terminal) return t;
    t.columns = facts.columns;
    if (t.columns == 0) t.columns = parse_number<std::size_t>(facts.variable("COLUMNS")).value_or(0);
    if (t.columns == 0) t.columns = default_columns;
    return t;
}

terminal terminal_of(int descriptor, colours wanted) {
    return judge_terminal({::isatty(descriptor) == 1, columns_of(descriptor), environment_variable}, wanted);
}

std::size_t width_of(std::string_view text) noexcept {
    std::size_t columns = 0;
    while (!text.empty()) columns += columns_of_character(code_of(take_character(text)));
    return columns;
}

std::string cut_to_width(std::string_view text, std::size_t columns, std::string_view ellipsis) {
    if (width_of(text) <= columns) return std::string(text);
    const auto room = columns - std::min(columns, width_of(ellipsis));
    std::string out;
    for (std::size_t taken = 0; !text.empty();) {
        const auto next = take_character(text);
        taken += columns_of_character(code_of(next));
        if (taken > room) break;
        out += next;
    }
    return columns == 0 ? std::string() : out + std::string(ellipsis);
}

std::vector<std::string> wrap_to_width(std::string_view text, std::size_t columns) {
    if (columns == 0) return {std::string(text)};
    std::vector<std::string> lines;
    while (!text.empty()) lines.push_back(take_piece(text, columns));
    if (lines.empty()) lines.emplace_back();
    return lines;
}

}  // namespace distd
