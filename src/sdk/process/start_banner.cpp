#include "sdk/process/start_banner.hpp"

#include <algorithm>

namespace distd {
namespace {

constexpr std::string_view between = " · ";

std::string services_words(const start_banner& b, bool by_name) {
    if (!by_name) return std::to_string(b.services.size()) + " services in this process";
    std::string names;
    for (const auto& s : b.services) names.append(names.empty() ? "" : ", ").append(s.label);
    return names + " in this process";
}

// A path that can be seen to be one.
std::string folder_words(const std::string& folder) {
    const bool is_path = folder.starts_with('/') || folder.starts_with('.');
    return "data in " + (is_path ? folder : "./" + folder);
}

terminal_line title(const start_banner& b, bool by_name) {
    terminal_line line;
    line.put(b.version.empty() ? b.program : b.program + " " + b.version, tone::bold);
    const bool is_told_by_program = b.services.size() == 1 && b.services.front().purpose.empty();
    if (!is_told_by_program) line.put(between).put(services_words(b, by_name));
    line.put(between).put(folder_words(b.data));
    return line;
}

void append_services(std::string& out, const start_banner& b, const terminal& t) {
    std::size_t label_columns = 0;
    std::size_t url_columns = 0;
    for (const auto& s : b.services) {
        label_columns = std::max(label_columns, width_of(s.label));
        url_columns = std::max(url_columns, width_of(s.url));
    }
    for (const auto& s : b.services) {
        terminal_line line;
        line.put("  ").put(s.label, tone::dim).go_to(2 + label_columns + 2).put_whole(s.url, tone::link);
        if (!s.purpose.empty()) line.go_to(2 + label_columns + 2 + url_columns + 3).put(s.purpose, tone::dim);
        line.append_to(out, t);
    }
}

// In one line where there is room, as the address is not to be broken.
void append_ready(std::string& out, const start_banner& b, const terminal& t) {
    constexpr std::string_view stop = "(Ctrl-C stops it)";
    const auto ready = [&] {
        terminal_line line;
        line.put("●", tone::well).put(" ").put("ready", tone::well);
        line.put(" after " + span_words(b.took));
        return line;
    };
    auto line = ready();
    if (!b.open.empty()) line.put(". Open ").put_whole(b.open, tone::link);
    line.put(" ").put(stop);
    if (b.open.empty() || t.columns == 0 || line.columns() <= t.columns) return line.append_to(out, t);
    ready().put(" ").put(stop).append_to(out, t);
    terminal_line().put("  Open ").put_whole(b.open, tone::link).append_to(out, t);
}

}  // namespace

std::string text_of(const start_banner& b, const terminal& t) {
    std::string out;
    auto first = title(b, true);
    if (t.columns != 0 && first.columns() > t.columns) first = title(b, false);
    first.append_to(out, t);
    out += '\n';
    append_services(out, b, t);
    out += '\n';
    append_ready(out, b, t);
    out += '\n';
    return out;
}

}  // namespace distd
