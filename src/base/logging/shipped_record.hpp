// A log record in the form in which it leaves the process for a log service: one JSON object on one line. In
// front stands what a log service keeps there, at the end what a person reads last. Pure.
//
//     {"time":"…","level":"warn","service":"registry","message":"instance_lost","url":"…","reason":"…",
//      "instance":"http://…"}
//     {"time":"…","level":"info","service":"Portald","trace":"…","message":"request","method":"GET",
//      "path":"/students","status":200,"duration_us":412,"request_id":"…","bytes":1234,"remote":"…",
//      "upstream":"…","tries":1,"reason":"","span":"…","parent":"…","instance":"http://…"}
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/logging/log_records.hpp"
#include "base/logging/log_stamp.hpp"

namespace distd {

// Fields beyond so much of a record are left out, and a member "truncated" says so.
inline constexpr std::size_t shipped_record_limit_bytes = 16 << 10;

// Who writes, as each of the records says it. `instance`: its own URL; may be empty.
struct shipped_origin {
    shipped_origin(std::string_view service, std::string_view instance);

    std::string service_member;
    std::string instance_member;
};

// Without a newline.
void append_shipped_record(std::string& out, log_stamp&, const shipped_origin&, const log_record&);
void append_shipped_record(std::string& out, log_stamp&, const shipped_origin&, const access_record&);

// Whether each record has a member of that name. A field with such a name is prefixed, and so is a `trace`
// that cannot be one, for which a log service would refuse the record.
[[nodiscard]] bool is_shipped_member(std::string_view name) noexcept;

}  // namespace distd
