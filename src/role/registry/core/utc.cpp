#include "role/registry/core/utc.hpp"

#include <array>
#include <cstdio>

namespace distd::registry {
namespace {

std::string up_to_seconds(wall_point t) {
    using namespace std::chrono;
    const auto day = floor<days>(t);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<std::chrono::seconds>(t - day));
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
}

}  // namespace

std::string utc(wall_point t) { return up_to_seconds(t) + "Z"; }

std::string utc_with_milliseconds(wall_point t) {
    const auto part = std::chrono::floor<milliseconds>(t) - std::chrono::floor<std::chrono::seconds>(t);
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), ".%03dZ", static_cast<int>(part.count()));
    return up_to_seconds(t) + text.data();
}

}  // namespace distd::registry
