// Log lines as text that holds all of a record, in columns: for --log-format=text. Pure.
#pragma once

#include <string>

#include "base/logging/log_records.hpp"
#include "base/logging/log_stamp.hpp"

namespace distd {

// With the newline at the end.
void append_text_line(std::string& out, log_stamp&, const log_record&);
void append_text_line(std::string& out, log_stamp&, const access_record&);

}  // namespace distd
