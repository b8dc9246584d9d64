#include "base/log_levels.hpp"

#include "base/ascii.hpp"

namespace distd {

std::string_view level_of_severity(int severity) noexcept {
    if (severity <= 2) return "fatal";
    if (severity == 3) return "error";
    if (severity == 4) return "warn";
    return severity == 7 ? "debug" : "info";
}

std::string normal_level(std::string_view level) {
    if (level.size() == 1 && level[0] >= '0' && level[0] <= '7')
        return std::string(level_of_severity(level[0] - '0'));
    auto lower = ascii::lowered(std::string(level));
    for (const auto& [spelling, meant] : level_spellings)
        if (lower == spelling) return std::string(meant);
    return lower;
}

}  // namespace distd
