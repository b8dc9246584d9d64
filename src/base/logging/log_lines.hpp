// How log records look where a process writes them, as text and as JSON. Pure: appends to a string, knows no
// clock. One record is one line, whatever bytes its values hold: control characters come out escaped, so
// nobody outside can forge a line or steer a terminal.
#pragma once

#include <array>
#include <cstdint>
#include <distd/logger.hpp>
#include <distd/time.hpp>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

namespace distd {

enum class log_format : std::uint8_t { text, json };

struct log_record {
    wall_point time;
    log_level level;
    std::string_view source;  // the service
    std::string_view event;
    std::initializer_list<log_field> fields;
};

// One answered request.
struct access_record {
    wall_point time;
    std::string_view source;
    std::string_view request_id;
    std::string_view trace_id;
    std::string_view span_id;    // its own
    std::string_view parent_id;  // the caller's span; empty: it did not say
    std::string_view remote;
    std::string_view method;
    std::string_view path;  // without its query, which may hold secrets
    int status;
    std::uint64_t sent_bytes;  // of the answer's body
    std::uint64_t duration_us;
    log_level level;              // at the log service; what is written here has "info"
    bool internal;                // not shipped to the log service
    std::string_view upstream{};  // who answered it, or was tried last; for requests that are passed on
    int tries = 0;                // of those
    std::string_view reason{};    // why a try failed, or it was not answered
};

// RFC 3339 in UTC with milliseconds: 2026-11-21T04:05:06.123Z. Remembers the last answer, as lines come in
// bursts; the view holds until the next call.
class log_stamp {
public:
    [[nodiscard]] std::string_view of(wall_point) noexcept;

private:
    static constexpr auto never = std::numeric_limits<std::int64_t>::min();

    std::int64_t second_ = never;
    std::int64_t millisecond_ = never;
    std::array<char, 24> text_{'1', '9', '7', '0', '-', '0', '1', '-', '0', '1', 'T', '0',
                               '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
};

// With the newline at the end.
void append_log_line(std::string& out, log_format, log_stamp&, const log_record&);
void append_access_line(std::string& out, log_format, log_stamp&, const access_record&);

// `,"upstream":…,"tries":…,"reason":…`: what there is to say of a request that was passed on, or not
// answered.
void append_relay_members(std::string& out, const access_record&);

}  // namespace distd
