#include "base/logging/text_lines.hpp"

#include <concepts>

#include "base/append_number.hpp"
#include "base/logging/log_values.hpp"

namespace distd {
namespace {

void pad(std::string& out, std::size_t from, std::size_t width) {
    const auto written = out.size() - from;
    if (written < width) out.append(width - written, ' ');
}

template <std::integral T>
void append_right(std::string& out, T value, std::size_t width) {
    const auto from = out.size();
    append_number(out, value);
    const auto length = out.size() - from;
    if (length < width) out.insert(from, width - length, ' ');
}

void append_pair(std::string& out, std::string_view key, std::string_view value) {
    out += ' ';
    out += key;
    out += '=';
    append_log_word(out, value);
}

constexpr std::string_view padded(log_level l) noexcept {
    switch (l) {
        case log_level::debug: return "DEBUG ";
        case log_level::info: return "INFO  ";
        case log_level::warn: return "WARN  ";
        case log_level::error: return "ERROR ";
    }
    return "?     ";
}

void append_prefix(std::string& out, std::string_view stamp, log_level level, std::string_view source) {
    out += stamp;
    out += ' ';
    out += padded(level);
    append_log_word(out, source);
    out += "  ";
}

// What there is to say of a request that was passed on, or not answered.
void append_relay(std::string& out, const access_record& r) {
    if (r.tries > 0) {
        append_pair(out, "upstream", r.upstream);
        out += " tries=";
        append_number(out, r.tries);
    }
    if (r.tries > 0 || !r.reason.empty()) append_pair(out, "reason", r.reason);
}

}  // namespace

void append_text_line(std::string& out, log_stamp& stamp, const log_record& r) {
    append_prefix(out, stamp.of(r.time), r.level, r.source);
    append_log_word(out, r.event);
    for (const auto& f : r.fields) append_pair(out, f.key, f.text);
    out += '\n';
}

// What is compared from line to line stands in columns, ids of any length at the end.
void append_text_line(std::string& out, log_stamp& stamp, const access_record& r) {
    append_prefix(out, stamp.of(r.time), log_level::info, r.source);
    append_number(out, r.status);
    out += ' ';
    const auto method_at = out.size();
    append_log_word(out, r.method);
    pad(out, method_at, 7);
    append_right(out, r.duration_us, 9);
    out += " us ";
    append_right(out, r.sent_bytes, 9);
    out += " B  ";
    append_log_word(out, r.path);
    out += ' ';
    append_pair(out, "id", r.request_id);
    append_pair(out, "trace", r.trace_id);
    append_pair(out, "from", r.remote);
    append_relay(out, r);
    out += '\n';
}

}  // namespace distd
