// The levels of stored lines, and the names that others have for them. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace distd {

// The worst first.
inline constexpr std::array<std::string_view, 6> log_levels{"fatal", "error", "warn",
                                                            "info",  "debug", "trace"};

// What others write, in lower case, and which level it is.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 11> level_spellings{
    {{"emerg", "fatal"},
     {"emergency", "fatal"},
     {"panic", "fatal"},
     {"dpanic", "fatal"},
     {"alert", "fatal"},
     {"crit", "fatal"},
     {"critical", "fatal"},
     {"err", "error"},
     {"warning", "warn"},
     {"notice", "info"},
     {"information", "info"}}};

// Of syslog's severities, 0 to 7.
[[nodiscard]] std::string_view level_of_severity(int severity) noexcept;

// warning -> warn, ERR -> error, 3 -> error as in syslog; what is unknown stays, in lower case.
[[nodiscard]] std::string normal_level(std::string_view level);

}  // namespace distd
