// Fields of a head as text. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace distd::http {

// May stand in a field's value: tab and all that is visible; bytes from 0x80 are text of some encoding.
[[nodiscard]] constexpr bool is_field_text(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

// Whole values only: a line break in one would begin a field, or a request, of the value's author.
[[nodiscard]] constexpr bool is_field_value(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), is_field_text);
}

// The value has to be one.
inline void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

// A traceparent (W3C Trace Context) that makes this span the parent of what it causes.
inline void append_traceparent(std::string& out, std::string_view trace, std::string_view span,
                               bool sampled) {
    out.append("00-").append(trace).append("-").append(span).append(sampled ? "-01" : "-00");
}

}  // namespace distd::http
