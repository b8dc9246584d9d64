// Which levels of lines count as errors: in counts, in lists, and in the links between them. Pure.
#pragma once

#include <string_view>

namespace distd::ops {

inline constexpr std::string_view error_levels = "error,fatal";  // as the log service is asked for them

[[nodiscard]] constexpr bool is_error_level(std::string_view level) noexcept {
    return level == "error" || level == "fatal";
}

}  // namespace distd::ops
