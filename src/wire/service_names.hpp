// Names under which services are registered that others look for, ours and foreign ones.
#pragma once

#include <string_view>

namespace distd::wire {

inline constexpr std::string_view log_service = "LogService";
inline constexpr std::string_view portal_service = "Portald";
inline constexpr std::string_view console_service = "Console";
inline constexpr std::string_view grading_service = "GradingService";

}  // namespace distd::wire
