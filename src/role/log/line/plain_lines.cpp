#include "role/log/line/plain_lines.hpp"

#include <algorithm>
#include <utility>

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

// How many bytes a character has that makes a terminal show what stands behind it in another order; 0: it is
// none. U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069.
std::size_t direction_mark(std::string_view text) noexcept {
    if (text.starts_with("\xd8\x9c")) return 2;
    if (text.size() < 3 || text[0] != '\xe2') return 0;
    const auto last = static_cast<unsigned char>(text[2]);
    const bool is_mark =
        text[1] == '\x80' && (last == 0x8e || last == 0x8f || (last >= 0xaa && last <= 0xae));
    const bool is_isolate = text[1] == '\x81' && last >= 0xa6 && last <= 0xa9;
    return is_mark || is_isolate ? 3 : 0;
}

// As escapes, like all else that acts.
std::string without_direction_marks(std::string text) {
    constexpr std::string_view begins = "\xe2\xd8";
    auto at = text.find_first_of(begins);
    if (at == std::string::npos) return text;
    std::string out(text, 0, at);
    while (at < text.size()) {
        const auto rest = std::string_view(text).substr(at);
        const auto bytes = direction_mark(rest);
        if (bytes > 0) {
            constexpr std::string_view digits = "0123456789abcdef";
            const unsigned last = static_cast<unsigned char>(rest[bytes - 1]) & 0x3fU;
            const unsigned before =
                static_cast<unsigned char>(rest[bytes - 2]) & (bytes == 2 ? 0x1fU : 0x3fU);
            const unsigned code = (bytes == 2 ? 0U : 0x2000U) + (before << 6U) + last;
            out += "\\u";
            for (int shift = 12; shift >= 0; shift -= 4)
                out += digits[(code >> static_cast<unsigned>(shift)) & 15U];
        }
        const auto next =
            std::min(text.find_first_of(begins, at + std::max<std::size_t>(bytes, 1)), text.size());
        out.append(text, at + bytes, next - at - bytes);
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
