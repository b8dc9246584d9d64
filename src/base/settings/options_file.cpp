#include "base/settings/options_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <distd/settings.hpp>
#include <filesystem>
#include <fstream>

#include "base/ascii.hpp"
#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"

namespace distd {
namespace {

constexpr std::size_t max_file_bytes = 1 << 20;  // far beyond any list of settings: it is the wrong file
constexpr std::string_view blank = " \t";

std::string_view trimmed(std::string_view text) { return ascii::trimmed(text, blank); }

bool is_end_of_line(std::string_view rest) {
    rest = trimmed(rest);
    return rest.empty() || rest.front() == '#';
}

// `text` starts behind the opening quote.
std::string read_quoted(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            if (is_end_of_line(text.substr(i + 1))) return out;
            throw settings_error("behind the closing quote only a comment may stand; a quote inside is \\\"");
        }
        if (text[i] == '\\') {
            ++i;
            const bool known = i < text.size() && (text[i] == '"' || text[i] == '\\');
            if (!known) throw settings_error("inside quotes a backslash is written \\\\ and a quote \\\"");
        }
        out += text[i];
    }
    throw settings_error("the closing quote is missing");
}

// A comment starts at a '#' behind a blank: "a#b" is a value.
std::string read_plain(std::string_view text) {
    for (auto hash = text.find('#'); hash != std::string_view::npos; hash = text.find('#', hash + 1)) {
        if (hash > 0 && blank.find(text[hash - 1]) == std::string_view::npos) continue;
        return std::string(trimmed(text.substr(0, hash)));
    }
    return std::string(text);
}

// Reasons do not quote the line: it may hold a secret.
config_line read_line(std::string_view line, int number) {
    if (line.front() == '[') throw settings_error("there are no sections; a line is `name = value`");
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
        throw settings_error("the '=' is missing; a line is `name = value`");
    }
    config_line out{number, std::string(trimmed(line.substr(0, equals))), {}};
    if (out.key.empty()) throw settings_error("the name is missing; a line is `name = value`");
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (value.starts_with('\'')) throw settings_error("quotes are double quotes: \"...\"");
    out.value = value.starts_with('"') ? read_quoted(value.substr(1)) : read_plain(value);
    return out;
}

}  // namespace

std::vector<config_line> read_config_lines(const std::string& file, std::string_view text) {
    std::vector<config_line> out;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // the mark of some editors for UTF-8
    for (int number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (is_end_of_line(line)) continue;
        try {
            out.push_back(read_line(trimmed(line), number));
        } catch (const settings_error& wrong) {
            throw settings_error(printable(file) + ":" + std::to_string(number) + ": " + wrong.what());
        }
    }
    return out;
}

std::string quoted_if_needed(const std::string& value) {
    const bool outer_blanks = trimmed(value).size() != value.size();
    if (!value.empty() && !outer_blanks && value.find_first_of("#\"'\\") == std::string::npos) return value;
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string read_config_file(const std::string& path) {
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) throw settings_error("is a directory, not a config file");
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    std::string text(max_file_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.is_open() || in.bad()) {
        const std::string reason = errno != 0 ? std::strerror(errno) : "unknown error";
        throw settings_error("the config file cannot be read: " + reason);
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_file_bytes) throw settings_error("is larger than 1MiB: no config file");
    return text;
}

}  // namespace distd
