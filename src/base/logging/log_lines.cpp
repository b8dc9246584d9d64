#include "base/logging/log_lines.hpp"

#include <charconv>
#include <concepts>

#include "base/logging/log_values.hpp"
#include "base/reserved_append.hpp"
#include "base/timestamp.hpp"

namespace distd {
namespace {

using std::chrono::floor;

void put_digits(char* at, int width, unsigned value) noexcept {
    for (char* p = at + width; p != at; value /= 10) *--p = static_cast<char>('0' + value % 10);
}

void pad(std::string& out, std::size_t from, std::size_t width) {
    const auto written = out.size() - from;
    if (written < width) out.append(width - written, ' ');
}

template <std::integral T>
void append_right(std::string& out, T value, std::size_t width) {
    std::array<char, 20> digits;
    const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const auto length = static_cast<std::size_t>(end - digits.data());
    if (length < width) out.append(width - length, ' ');
    out.append(digits.data(), length);
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

void open_json(std::string& out, std::string_view stamp, log_level level, std::string_view source) {
    const auto name = to_string(level);
    constexpr std::size_t names = 40;
    reserved_append(out, names + stamp.size() + name.size())
        << R"({"time":")" << stamp << R"(","level":")" << name << R"(","service":)";
    append_log_string(out, source);
}

bool is_taken(std::string_view key) noexcept {
    return key == "time" || key == "level" || key == "service" || key == "event";
}

// What there is to say of a request that was passed on, or not answered.
void append_relay(std::string& out, const access_record& r) {
    if (r.tries > 0) {
        append_pair(out, "upstream", r.upstream);
        out += " tries=";
        append_log_number(out, r.tries);
    }
    if (r.tries > 0 || !r.reason.empty()) append_pair(out, "reason", r.reason);
}

// Ids, addresses and methods were judged when the request was: they hold nothing that needs an escape.
void append_json(std::string& out, std::string_view stamp, const access_record& r) {
    open_json(out, stamp, log_level::info, r.source);
    constexpr std::size_t names = 128;
    {
        reserved_append text(out, names + r.request_id.size() + r.trace_id.size() + r.span_id.size() +
                                      r.parent_id.size() + r.remote.size() + r.method.size());
        text << R"(,"event":"request","id":")" << r.request_id << R"(","trace":")" << r.trace_id
             << R"(","span":")" << r.span_id;
        if (!r.parent_id.empty()) text << R"(","parent":")" << r.parent_id;
        text << R"(","remote":")" << r.remote << R"(","method":")" << r.method << R"(","path":)";
    }
    append_log_string(out, r.path);
    constexpr std::size_t numbers = 3 * reserved_append::max_number;
    reserved_append(out, names + numbers) << R"(,"status":)" << r.status << R"(,"bytes":)" << r.sent_bytes
                                          << R"(,"duration_us":)" << r.duration_us;
    append_relay_members(out, r);
    out += "}\n";
}

// What is compared from line to line stands in columns, ids of any length at the end.
void append_text(std::string& out, std::string_view stamp, const access_record& r) {
    append_prefix(out, stamp, log_level::info, r.source);
    append_log_number(out, r.status);
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

}  // namespace

std::string_view log_stamp::of(wall_point t) noexcept {
    const auto ms = floor<milliseconds>(t.time_since_epoch()).count();
    if (ms != millisecond_) {
        const auto second = floor<seconds>(t.time_since_epoch()).count();
        if (second != second_) {
            second_ = second;
            write_date_and_time(text_.data(), std::chrono::sys_seconds{seconds(second)});
        }
        millisecond_ = ms;
        put_digits(text_.data() + 20, 3, static_cast<unsigned>(ms - second * 1000));
    }
    return {text_.data(), text_.size()};
}

void append_log_line(std::string& out, log_format format, log_stamp& stamp, const log_record& r) {
    if (format == log_format::json) {
        open_json(out, stamp.of(r.time), r.level, r.source);
        out += ",\"event\":";
        append_log_string(out, r.event);
        for (const auto& f : r.fields)
            append_log_member(out, is_taken(f.key) ? taken_name_prefix : std::string_view(), f);
        out += '}';
    } else {
        append_prefix(out, stamp.of(r.time), r.level, r.source);
        append_log_word(out, r.event);
        for (const auto& f : r.fields) append_pair(out, f.key, f.text);
    }
    out += '\n';
}

void append_access_line(std::string& out, log_format format, log_stamp& stamp, const access_record& r) {
    if (format == log_format::json) {
        append_json(out, stamp.of(r.time), r);
    } else {
        append_text(out, stamp.of(r.time), r);
    }
}

void append_relay_members(std::string& out, const access_record& r) {
    if (r.tries > 0) {
        out += R"(,"upstream":)";
        append_log_string(out, r.upstream);
        out += R"(,"tries":)";
        append_log_number(out, r.tries);
    }
    if (r.tries > 0 || !r.reason.empty()) {
        out += R"(,"reason":)";
        append_log_string(out, r.reason);
    }
}

}  // namespace distd
