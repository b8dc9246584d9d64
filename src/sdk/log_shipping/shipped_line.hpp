// A log line on its way to a log service: kept as one line of NDJSON, the form in which batches travel and in
// which the spool keeps it; turned into plain text only for a service that takes nothing else. Pure.
#pragma once

#include <distd/logger.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace distd {

// {"time":RFC 3339,"service":...,"level":...,"message":...} and a newline. `stamp` is the time, formatted.
void append_shipped_line(std::string& out, std::string_view stamp, std::string_view service, log_level,
                         std::string_view message);

// "[Name] - message\n", with spaces for control characters: the other side stores what it gets. Nothing when
// `line` was damaged in the spool.
[[nodiscard]] std::optional<std::string> plain_text(std::string_view line, const std::string& service);

}  // namespace distd
