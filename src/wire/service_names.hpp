// Names under which services are registered that others look for, ours and foreign ones.
#pragma once

#include <string_view>

namespace distd::wire {

inline constexpr std::string_view log_service = "LogService";

}  // namespace distd::wire
