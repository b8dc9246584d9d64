#include "role/log/line/plain_lines.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "role/log/line/json_scan.hpp"
#include "role/log/line/stored_line.hpp"
#include "role/log/line/timestamp.hpp"

namespace distd::logs {
namespace {

constexpr std::size_t level_width = 5;

// Quotes and backslashes as they are; every other escape stays one, as it would act or end the line.
void append_readable(std::string& out, std::string_view stored) {
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const bool is_escaped = stored[i] == '\\' && i + 1 < stored.size();
        const bool stays = is_escaped && stored[i + 1] != '"' && stored[i + 1] != '\\';
        if (is_escaped && !stays) ++i;
        if (stays) out += stored[i++];
        out += stored[i];
    }
}

void append_line(std::string& out, const stored_line& l) {
    append_timestamp(out, l.time_ns);
    out += ' ';
    std::string level(l.level);
    for (auto& c : level) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    level.resize(std::max(level_width, level.size()), ' ');
    out += level;
    out += ' ';
    if (!l.service.empty()) {
        append_readable(out, l.service);
        out += ": ";
    }
    append_readable(out, l.message);
    const auto field = [&out](std::string_view name, std::string_view value) {
        out += "  ";
        append_readable(out, name);
        out += '=';
        out += value;
    };
    if (!l.trace.empty()) field("trace", l.trace);
    json_part name;
    json_part value;
    for (auto more = json_items::behind_a_member(l.further); more.next(name, value);)
        field(name.inside(), value.text);
    out += '\n';
}

// \u202e, of a character of two or three bytes.
void append_escape(std::string& out, std::string_view character) {
    constexpr std::string_view digits = "0123456789abcdef";
    unsigned code = static_cast<unsigned char>(character[0]) & (character.size() == 2 ? 0x1fU : 0x0fU);
    for (const char c : character.substr(1)) code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    out += "\\u";
    for (unsigned shift = 16; shift > 0; shift -= 4) out += digits[code >> (shift - 4) & 15U];
}

// As escapes, like all else that acts.
std::string without_direction_marks(std::string text) {
    constexpr std::string_view begins = "\xd8\xe2\xef";  // all of them do
    auto at = text.find_first_of(begins);
    if (at == std::string::npos) return text;
    std::string out(text, 0, at);
    while (at < text.size()) {
        const auto rest = std::string_view(text).substr(at);
        const auto one = rest.substr(0, std::max<std::size_t>(utf8_length(rest), 1));
        const bool is_mark = is_direction_mark(one);
        if (is_mark) append_escape(out, one);
        const auto next = std::min(text.find_first_of(begins, at + one.size()), text.size());
        out.append(text, is_mark ? at + one.size() : at, next - at - (is_mark ? one.size() : 0));
        at = next;
    }
    return out;
}

}  // namespace

std::string plain_lines(std::string_view json_lines) {
    std::string out;
    while (!json_lines.empty()) {
        const auto end = std::min(json_lines.find('\n'), json_lines.size());
        const auto line = json_lines.substr(0, end);
        json_lines.remove_prefix(std::min(end + 1, json_lines.size()));
        if (const auto stored = read_stored_line(line))
            append_line(out, *stored);
        else
            (out += line) += '\n';
    }
    return without_direction_marks(std::move(out));
}

}  // namespace distd::logs
