// How single values look in log lines and records. Pure: appends to a string. Whatever bytes a value holds,
// what is appended holds no control character and no line end.
#pragma once

#include <cstddef>
#include <distd/logger.hpp>
#include <string>
#include <string_view>

#include "base/plain_json.hpp"
#include "base/reserved_append.hpp"

namespace distd {

// A longer value is cut, with "..." at its end: a field must not fill the log.
inline constexpr std::size_t log_value_limit_bytes = 2048;

// As a JSON string.
void append_log_string(std::string& out, std::string_view value);

// Whether a value needs no quotes in a line of text: it is short, and holds nothing that could be taken for
// the end of the value or for a key.
[[nodiscard]] bool is_bare_log_value(std::string_view value) noexcept;

// In a line of text: bare, or quoted like a JSON string.
void append_log_word(std::string& out, std::string_view value);

// In front of a field's name where every record has a member of that name: no object has two of them.
inline constexpr std::string_view taken_name_prefix = "field_";

// `,"key":value`, behind other members of an object. Keys are words of the program's own, without escapes.
inline void append_log_member(std::string& out, std::string_view prefix, const log_field& f) {
    const std::string_view value = f.text;
    const bool is_short = value.size() <= log_value_limit_bytes;
    const bool is_escaped = f.quoted && !(is_short && is_plain_json(value));
    const std::string_view quote = f.quoted && !is_escaped ? "\"" : "";
    {
        reserved_append text(out, 6 + prefix.size() + f.key.size() + (is_escaped ? 0 : value.size()));
        text << ",\"" << prefix << f.key << "\":" << quote;
        if (!is_escaped) text << value << quote;
    }
    if (is_escaped) append_log_string(out, value);
}

}  // namespace distd
