// Log levels: the names that others have for ours. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::logs {

// Of syslog's severities, 0 to 7.
[[nodiscard]] std::string_view level_of_severity(int severity) noexcept;

// warning -> warn, ERR -> error, 3 -> error as in syslog; what is unknown stays, in lower case.
[[nodiscard]] std::string normal_level(std::string_view level);

}  // namespace distd::logs
