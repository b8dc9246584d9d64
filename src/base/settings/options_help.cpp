// The table of settings as text: --help, the man page's list, --print-config.
#include <algorithm>

#include "base/settings/man_text.hpp"
#include "base/settings/options.hpp"
#include "base/settings/options_file.hpp"
#include "base/settings/options_values.hpp"
#include "base/terminal.hpp"

namespace distd {
namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t help_column = 32;
constexpr std::size_t comment_column = 44;

std::string placeholder(const setting& row) {
    if (!row.placeholder.empty()) return row.placeholder;
    switch (row.kind) {
        case setting_kind::text: return "TEXT";
        case setting_kind::on_off: return {};
        case setting_kind::integer: return "N";
        case setting_kind::duration: return "TIME";
        case setting_kind::size: return "SIZE";
        case setting_kind::choice: return joined(row.choices, "|");
        case setting_kind::choices: return "NAME,...";
        case setting_kind::address: return "HOST:PORT";
        case setting_kind::urls: return "URL,...";
        case setting_kind::path: return "PATH";
        case setting_kind::texts: return "TEXT,...";
    }
    return {};
}

// "name" or, when it is on by default and one would rather switch it off, "[no-]name".
std::string flag_name(const setting& row) {
    const bool on = row.kind == setting_kind::on_off && row.fallback != "off";
    return on ? "[no-]" + row.name : row.name;
}

bool has_default(const setting& row) { return !row.fallback.empty() && !row.flag_only; }

// The help's sentence, and whatever of the row's meaning the placeholder leaves open.
std::string meaning(const setting& row) {
    if (row.kind != setting_kind::choices) return row.help;
    return row.help + ": all, or any of " + joined(row.choices, ", ");
}

std::vector<std::string> groups_of(const std::vector<setting>& table) {
    std::vector<std::string> out;
    for (const auto& row : table) {
        const bool known = std::find(out.begin(), out.end(), row.group) != out.end();
        if (!row.hidden && !known) out.push_back(row.group);
    }
    return out;
}

std::string help_entry(const setting& row) {
    const std::string value = placeholder(row);
    std::string out = "  --" + flag_name(row) + (value.empty() ? "" : "=" + value);
    std::vector<std::string> notes;
    if (has_default(row)) notes.push_back("default " + row.fallback);
    if (!row.flag_only) notes.push_back(environment_name(row.name));
    const std::string note = notes.empty() ? std::string() : " (" + joined(notes, "; ") + ")";

    // A name that leaves no room before the column stands on a line of its own.
    std::string pad(out.size() + 2 <= help_column ? help_column - out.size() : 0, ' ');
    if (pad.empty()) pad = "\n" + std::string(help_column, ' ');
    for (const auto& line : wrap_to_width(meaning(row) + note, page_width - help_column)) {
        out += pad + line + "\n";
        pad = std::string(help_column, ' ');
    }
    return out;
}

std::string man_entry(const setting& row) {
    const std::string value = placeholder(row);
    std::string out = ".TP\n\\fB\\-\\-" + troff(flag_name(row)) + "\\fR";
    if (!value.empty()) out += "=\\fI" + troff(value) + "\\fR";
    out += "\n" + troff(meaning(row) + ".") + "\n";
    const std::string range = is_number(row.kind) ? range_text(row) : std::string();
    if (!range.empty()) out += troff("Allowed: " + range + ".") + "\n";
    if (row.repeatable) out += "The flag may be given several times.\n";
    if (has_default(row)) out += troff("Default: " + row.fallback + ".") + "\n";
    if (!row.flag_only) out += "Environment: \\fB" + troff(environment_name(row.name)) + "\\fR.\n";
    return out;
}

}  // namespace

std::string settings_parser::help(const std::string& usage) const {
    std::string out = usage;
    for (const auto& group : groups_of(table_)) {
        out += "\n" + group + ":\n";
        for (const auto& row : table_) {
            if (row.group == group && !row.hidden) out += help_entry(row);
        }
    }
    return out;
}

std::string settings_parser::man_options() const {
    std::string out;
    for (const auto& group : groups_of(table_)) {
        out += ".SS \"" + troff(group) + "\"\n";
        for (const auto& row : table_) {
            if (row.group == group && !row.hidden) out += man_entry(row);
        }
    }
    return out;
}

std::string settings_parser::effective(const settings& of) const {
    std::string out = "# The settings in effect, as a file for --config, and where each one comes from.\n";
    for (const auto& group : groups_of(table_)) {
        std::string lines;
        for (const auto& row : table_) {
            if (row.group != group || row.hidden || row.flag_only || row.name == "config") continue;
            const auto& value = of.find(row.name);
            if (row.secret && !value.text.empty()) {
                lines += "# " + row.name + " is set, not shown  # " + printable(value.origin) + "\n";
                continue;
            }
            std::string line = row.name + " = " + quoted_if_needed(value.text);
            if (line.size() + 2 < comment_column) line.resize(comment_column - 2, ' ');
            lines += line + "  # " + printable(value.origin) + "\n";
        }
        if (!lines.empty()) out += "\n# " + group + "\n" + lines;
    }
    return out;
}

}  // namespace distd
