#include "role/log/core/plain_lines.hpp"

#include <algorithm>

#include "role/log/core/json_scan.hpp"
#include "role/log/core/stored_line.hpp"
#include "role/log/core/timestamp.hpp"

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
    return out;
}

}  // namespace distd::logs
