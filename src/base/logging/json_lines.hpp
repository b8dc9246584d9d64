// Log lines for programs: one JSON object on one line. Pure.
#pragma once

#include <string>

#include "base/logging/log_records.hpp"
#include "base/logging/log_stamp.hpp"

namespace distd {

// With the newline at the end.
void append_json_line(std::string& out, log_stamp&, const log_record&);
void append_json_line(std::string& out, log_stamp&, const access_record&);

// `,"upstream":…,"tries":…,"reason":…`: what there is to say of a request that was passed on, or not
// answered.
void append_relay_members(std::string& out, const access_record&);

}  // namespace distd
