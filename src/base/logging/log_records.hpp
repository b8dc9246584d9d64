// What is logged: records of events and of answered requests, and the forms in which a process writes them.
// Each form has a file of its own; in all of them one record is one line, whatever bytes its values hold:
// control characters come out escaped or replaced, so nobody outside can forge a line or steer a terminal.
#pragma once

#include <cstdint>
#include <distd/logger.hpp>
#include <distd/time.hpp>
#include <initializer_list>
#include <string_view>

namespace distd {

enum class log_format : std::uint8_t { text, json, terminal };

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
    bool is_routine = false;      // no person asked for it; only found out where a terminal shows lines
    std::string_view upstream{};  // who answered it, or was tried last; for requests that are passed on
    int tries = 0;                // of those
    std::string_view reason{};    // why a try failed, or it was not answered
};

}  // namespace distd
