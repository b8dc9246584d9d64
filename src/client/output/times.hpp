// The one form of times: how they are shown, and how a person writes one. Pure, but for the zone of this
// machine.
#pragma once

#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace distd::ops::client {

// 14:07:22 of the day of `now`, else 2026-11-21 14:07:22; in the zone of this machine, or in UTC.
[[nodiscard]] std::string time_text(wall_point, wall_point now, bool is_utc);
// 4s, 38m, 3h, 12d.
[[nodiscard]] std::string age_text(milliseconds);
// The same; a dash where nobody knows since when.
[[nodiscard]] std::string short_age_since(std::optional<wall_point>, wall_point now);

// "15m" (so long ago), "14:00", "14:00:05", "2026-11-21", "2026-11-21 14:00", "2026-11-21T14:00:00Z", "now",
// "today", "yesterday". Nothing for anything else.
[[nodiscard]] std::optional<wall_point> read_moment(std::string_view, wall_point now, bool is_utc);
inline constexpr std::string_view moment_forms = "15m, 14:00, 2026-11-21 14:00 or 2026-11-21T14:00:00Z";

}  // namespace distd::ops::client
