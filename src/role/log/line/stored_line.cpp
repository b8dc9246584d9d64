#include "role/log/line/stored_line.hpp"

#include <boost/json/string.hpp>
#include <distd/json.hpp>

#include "base/append_number.hpp"
#include "role/log/line/find_text.hpp"
#include "role/log/line/json_scan.hpp"
#include "role/log/line/timestamp.hpp"

namespace distd::logs {
namespace {

bool skip(std::string_view& rest, std::string_view expected) noexcept {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(expected.size());
    return true;
}

// The inside of the string that `rest` begins with.
bool take_string(std::string_view& rest, std::string_view& inside) noexcept {
    if (!rest.starts_with('"')) return false;
    const auto end = end_of_string(rest, 0);
    if (end >= rest.size()) return false;
    inside = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return true;
}

// Where the value that begins at 0 ends: before the comma of the next member, or at the end.
std::size_t end_of_value(std::string_view text) noexcept {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') i = end_of_string(text, i);
        if (c == ',' && depth == 0) return i;
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && depth-- == 0) return std::string_view::npos;
    }
    return depth == 0 ? text.size() : std::string_view::npos;
}

// Whether append_timestamp would write what parse_timestamp read here.
bool is_canonical_time(std::string_view text) noexcept {
    constexpr std::string_view form = "0000-00-00T00:00:00.000000Z";
    constexpr std::size_t finer = 3;
    const bool is_finer = text.size() == form.size() + finer;
    if ((text.size() != form.size() && !is_finer) || text.back() != 'Z') return false;
    for (std::size_t i = 0; i + 1 < form.size(); ++i)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
    return text[17] != '6' && (!is_finer || text.substr(form.size() - 1, finer) != "000");
}

// Whether the text up to the message comes out the same. All of it was read literally but the numbers, and
// an empty name of a service or trace, which would be left out.
bool is_as_written(std::string_view text, const stored_line& l) noexcept {
    constexpr std::string_view before_seq = R"({"seq":)";
    constexpr std::string_view before_time = R"(,"time":")";
    constexpr std::string_view before_level = R"(","level":")";
    constexpr std::string_view before_service = R"(","service":")";
    constexpr std::string_view before_trace = R"(","trace":")";
    constexpr std::string_view before_message = R"(","message":")";
    const auto digits = text.find(',') - before_seq.size();
    if (text[before_seq.size()] == '0' && digits > 1) return false;
    const auto time = before_seq.size() + digits + before_time.size();
    const auto level = static_cast<std::size_t>(l.level.data() - text.data());
    if (!is_canonical_time(text.substr(time, level - before_level.size() - time))) return false;
    auto size = level + l.level.size() + before_message.size() + l.message.size() + 1;
    if (!l.service.empty()) size += before_service.size() + l.service.size();
    if (!l.trace.empty()) size += before_trace.size() + l.trace.size();
    return text.size() == size;
}

}  // namespace

std::optional<stored_line> read_stored_line(std::string_view line) noexcept {
    stored_line s;
    std::string_view time;
    if (!skip(line, R"({"seq":)")) return std::nullopt;
    const auto [end, ec] = std::from_chars(line.data(), line.data() + line.size(), s.seq);
    if (ec != std::errc()) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));

    if (!skip(line, R"(,"time":)") || !take_string(line, time)) return std::nullopt;
    const auto time_ns = parse_timestamp(time);
    if (!time_ns || !skip(line, R"(,"level":)") || !take_string(line, s.level)) return std::nullopt;
    s.time_ns = *time_ns;
    if (skip(line, R"(,"service":)") && !take_string(line, s.service)) return std::nullopt;
    if (skip(line, R"(,"trace":)") && !take_string(line, s.trace)) return std::nullopt;
    if (!skip(line, R"(,"message":)") || !take_string(line, s.message)) return std::nullopt;
    s.further = line;
    return s;
}

std::string escaped(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out.substr(1, out.size() - 2);
}

bool contains(std::string_view inside, std::string_view wanted, std::string_view wanted_escaped) {
    if (find_text(inside, wanted_escaped) == std::string_view::npos) return false;
    // The find may have begun in the middle of an escape: "n" in "\n". Without escapes it cannot have.
    if (inside.find('\\') == std::string_view::npos) return true;
    json_error ignored;
    const auto text = parse_json('"' + std::string(inside) + '"', ignored);
    return text && text->is_string() && text->get_string().find(wanted) != json::string::npos;
}

// --- taking apart, putting together

std::optional<line_parts> split_line(std::string_view line) {
    const auto known = read_stored_line(line);
    if (!known) return std::nullopt;
    const auto behind_message =
        static_cast<std::size_t>(known->message.data() - line.data()) + known->message.size() + 1;
    if (line.size() <= behind_message || line.back() != '}') return std::nullopt;
    if (!is_as_written(line.substr(0, behind_message), *known)) return std::nullopt;
    return line_parts{*known, line.substr(behind_message, line.size() - behind_message - 1)};
}

void join_line(std::string& out, const line_parts& p) {
    out += R"({"seq":)";
    append_number(out, p.known.seq);
    out += R"(,"time":")";
    append_timestamp(out, p.known.time_ns);
    out += R"(","level":")";
    out += p.known.level;
    if (!p.known.service.empty()) {
        out += R"(","service":")";
        out += p.known.service;
    }
    if (!p.known.trace.empty()) {
        out += R"(","trace":")";
        out += p.known.trace;
    }
    out += R"(","message":")";
    out += p.known.message;
    out += '"';
    out += p.tail;
    out += '}';
}

bool take_member(std::string_view& tail, std::string_view& name, std::string_view& value) {
    if (!tail.starts_with(",\"")) return false;
    const auto quote = end_of_string(tail, 1);
    if (quote + 1 >= tail.size() || tail[quote + 1] != ':') return false;
    name = tail.substr(2, quote - 2);
    const auto behind = tail.substr(quote + 2);
    const auto end = end_of_value(behind);
    if (end == std::string_view::npos || end == 0) return false;
    value = behind.substr(0, end);
    tail = behind.substr(end);
    return true;
}

void add_name(std::string& tail, std::string_view name) {
    tail += ",\"";
    tail += name;
    tail += "\":";
}

}  // namespace distd::logs
