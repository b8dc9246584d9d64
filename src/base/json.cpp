// JSON text to values and back, with errors that a person can act upon.
#include <array>
#include <boost/json/stream_parser.hpp>
#include <cmath>
#include <cstdio>
#include <distd/json.hpp>
#include <limits>
#include <utility>

#include "base/append_number.hpp"
#include "base/ascii.hpp"
#include "base/plain_json.hpp"
#include "base/utf8.hpp"

namespace distd {
namespace {

constexpr std::size_t nesting_limit = 32;

std::string position(std::string_view text, std::size_t offset) {
    std::size_t line = 1;
    std::size_t column = 1;
    for (const char c : text.substr(0, offset)) {
        const bool new_line = c == '\n';
        line += new_line ? 1 : 0;
        column = new_line ? 1 : column + 1;
    }
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string shown(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) return std::string("'") + c + "'";
    std::array<char, 24> name{};
    std::snprintf(name.data(), name.size(), "byte 0x%02x", static_cast<unsigned>(byte));
    return name.data();
}

std::string unexpected(std::string_view text, std::size_t offset) {
    if (text.find_first_not_of(" \t\r\n") == text.npos) return "not JSON: the text is empty";
    if (offset >= text.size()) return "not JSON: the text ends too early, after " + position(text, offset);
    return "not JSON: unexpected " + shown(text[offset]) + " at " + position(text, offset);
}

std::string describe(boost::system::error_code ec, std::string_view text, std::size_t offset) {
    switch (static_cast<json::error>(ec.value())) {
        case json::error::too_deep:
            return "nested deeper than " + std::to_string(nesting_limit) + " at " + position(text, offset);
        case json::error::incomplete: return unexpected(text, text.size());
        default: return unexpected(text, offset);
    }
}

constexpr bool joins_words(char c) noexcept { return c == '_' || c == '-'; }

std::string in(const std::string& where, const std::string& sentence) {
    return where.empty() ? sentence : where + ": " + sentence;
}

bool refuse(const json::value& v, const char* wanted, const std::string& where, json_error& error) {
    error.text = in(where, std::string("expected ") + wanted + ", found " + detail::json_kind(v));
    return false;
}

bool out_of_range(const json::value& v, const std::string& where, json_error& error) {
    const bool can_be_shown = !v.is_double() || std::isfinite(v.get_double());
    error.text = in(where, (can_be_shown ? to_text(v) : "the number") + " is out of range");
    return false;
}

void append_escape(std::string& out, unsigned code) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[(code >> shift) & 0xfU];
}

// Escapes the one character that begins `text`; returns how many bytes it has.
std::size_t append_special(std::string& out, std::string_view text) {
    switch (const char c = text.front(); c) {
        case '"': out += "\\\""; return 1;
        case '\\': out += "\\\\"; return 1;
        case '\n': out += "\\n"; return 1;
        case '\r': out += "\\r"; return 1;
        case '\t': out += "\\t"; return 1;
        default:
            if (static_cast<unsigned char>(c) >= 0x80) break;
            append_escape(out, static_cast<unsigned char>(c));
            return 1;
    }
    const auto length = utf8_length(text);
    const auto bytes = text.substr(0, length);
    if (length == 0) {
        out += "\xef\xbf\xbd";
        return 1;
    }
    if (is_acting_character(bytes)) {
        append_escape(out, length == 2 ? static_cast<unsigned char>(bytes[1])
                                       : (bytes.back() == '\xa8' ? 0x2028U : 0x2029U));
    } else {
        out += bytes;
    }
    return length;
}

void append_double(std::string& out, double v) {
    if (!std::isfinite(v)) {
        out += "null";  // JSON has no word for it
        return;
    }
    append_number(out, v);
    if (v == 0 && std::signbit(v)) out += ".0";  // "-0" would be read as an integer
}

void append_value(std::string& out, const json::value& v);

void append_array(std::string& out, const json::array& items) {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        append_value(out, items[i]);
    }
    out += ']';
}

void append_object(std::string& out, const json::object& members) {
    out += '{';
    bool first = true;
    for (const auto& member : members) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, std::string_view(member.key()));
        out += ':';
        append_value(out, member.value());
    }
    out += '}';
}

// By hand rather than with json::serialize: numbers keep their readable form (87.5, not 8.75E1), and strings
// that are not UTF-8 cannot leave the process.
void append_value(std::string& out, const json::value& v) {
    switch (v.kind()) {
        case json::kind::null: out += "null"; return;
        case json::kind::bool_: out += v.get_bool() ? "true" : "false"; return;
        case json::kind::int64: out += std::to_string(v.get_int64()); return;
        case json::kind::uint64: out += std::to_string(v.get_uint64()); return;
        case json::kind::double_: return append_double(out, v.get_double());
        case json::kind::string: return append_json_string(out, std::string_view(v.get_string()));
        case json::kind::array: return append_array(out, v.get_array());
        case json::kind::object: return append_object(out, v.get_object());
    }
}

}  // namespace

std::optional<json::value> parse_json(std::string_view text, json_error& error) {
    json::parse_options options;
    options.max_depth = nesting_limit;
    // Where the parser keeps what is not complete yet: small texts need no memory beside this.
    std::array<unsigned char, 2048> room;
    json::stream_parser parser({}, options, room.data(), room.size());
    boost::system::error_code ec;
    const auto taken = parser.write_some(text.data(), text.size(), ec);
    if (ec) {
        error.text = describe(ec, text, taken);
        return std::nullopt;
    }
    if (taken < text.size()) {
        error.text = "more text after the end of the JSON value, at " + position(text, taken);
        return std::nullopt;
    }
    parser.finish(ec);
    if (ec) {
        error.text = describe(ec, text, taken);
        return std::nullopt;
    }
    return parser.release();
}

bool same_field_name(std::string_view a, std::string_view b) noexcept {
    std::size_t i = 0;
    std::size_t j = 0;
    for (;;) {
        while (i < a.size() && joins_words(a[i])) ++i;
        while (j < b.size() && joins_words(b[j])) ++j;
        if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
        if (ascii::lower(a[i++]) != ascii::lower(b[j++])) return false;
    }
}

const json::value* find_field(const json::object& object, std::string_view name) noexcept {
    if (const auto* exact = object.if_contains(json::string_view(name))) return exact;
    for (const auto& member : object) {
        if (same_field_name(std::string_view(member.key()), name)) return &member.value();
    }
    return nullptr;
}

namespace detail {

std::string json_kind(const json::value& v) {
    switch (v.kind()) {
        case json::kind::null: return "null";
        case json::kind::bool_: return v.get_bool() ? "true" : "false";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_: return "a number";
        case json::kind::string: return "a string";
        case json::kind::array: return "an array";
        case json::kind::object: return "an object";
    }
    return "nothing";
}

bool read_value(const json::value& v, bool& out, const std::string& where, json_error& error) {
    if (!v.is_bool()) return refuse(v, "true or false", where, error);
    out = v.get_bool();
    return true;
}

bool read_value(const json::value& v, std::int64_t& out, const std::string& where, json_error& error) {
    if (!v.is_number()) return refuse(v, "a whole number", where, error);
    if (v.is_uint64()) return out_of_range(v, where, error);  // what fits is an int64 already
    if (const auto* exact = v.if_int64()) {
        out = *exact;
        return true;
    }
    const double d = v.get_double();
    if (std::trunc(d) != d) {
        error.text = in(where, "expected a whole number, found " + to_text(v));
        return false;
    }
    constexpr double limit = 9007199254740992;  // 2^53: beyond it a double no longer holds every whole number
    if (std::abs(d) > limit) return out_of_range(v, where, error);
    out = static_cast<std::int64_t>(d);
    return true;
}

bool read_value(const json::value& v, int& out, const std::string& where, json_error& error) {
    std::int64_t wide = 0;
    if (!read_value(v, wide, where, error)) return false;
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
        return out_of_range(v, where, error);
    }
    out = static_cast<int>(wide);
    return true;
}

bool read_value(const json::value& v, double& out, const std::string& where, json_error& error) {
    if (!v.is_number()) return refuse(v, "a number", where, error);
    const double d = v.to_number<double>();
    if (!std::isfinite(d)) {
        error.text = in(where, "the number is out of range");
        return false;
    }
    out = d;
    return true;
}

bool read_value(const json::value& v, std::string& out, const std::string& where, json_error& error) {
    if (!v.is_string()) return refuse(v, "a string", where, error);
    out.assign(v.get_string().data(), v.get_string().size());
    return true;
}

bool expect_object(const json::value& v, const std::string& where, json_error& error) {
    return v.is_object() || refuse(v, "an object", where, error);
}

bool expect_array(const json::value& v, const std::string& where, json_error& error) {
    return v.is_array() || refuse(v, "an array", where, error);
}

std::string joined(const std::string& where, std::string_view name) {
    return where.empty() ? std::string(name) : where + "." + std::string(name);
}

}  // namespace detail

std::string to_text(const json::value& v) {
    std::string out;
    append_value(out, v);
    return out;
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    if (is_plain_json(text)) {
        out.append(text) += '"';
        return;
    }
    std::size_t run = 0;  // where the plain characters that were not copied yet begin
    std::size_t i = 0;
    while (i < text.size()) {
        if (is_plain_json(text[i])) {
            ++i;
            continue;
        }
        out.append(text, run, i - run);
        i += append_special(out, text.substr(i));
        run = i;
    }
    out.append(text, run, i - run);
    out += '"';
}

}  // namespace distd
