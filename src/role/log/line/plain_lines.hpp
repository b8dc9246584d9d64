// Stored lines as a person reads them: time, level, service and message, then the further fields. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::logs {

// Of JSON lines; what is no line of the journal stays as it is. A message of several lines stays in one, and
// nothing in it acts on a terminal.
[[nodiscard]] std::string plain_lines(std::string_view json_lines);

}  // namespace distd::logs
