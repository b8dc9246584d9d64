// Points in time as RFC 3339 text, in UTC, and as numbers: 2024-05-01T12:00:00.250Z. Pure. For the years 1678
// to 2261.
#pragma once

#include <chrono>
#include <cstdint>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace distd {

// How many digits of a second's fraction are written.
enum class time_digits : std::uint8_t { none = 0, milliseconds = 3, microseconds = 6, nanoseconds = 9 };

void append_rfc3339(std::string& out, std::chrono::sys_time<std::chrono::nanoseconds>, time_digits);
[[nodiscard]] std::string rfc3339(wall_point, time_digits = time_digits::none);

// "2024-05-01T12:00:00Z" with a fraction of any length, of which whole milliseconds count; a space may stand
// for the T. nullopt: not such a time, not in UTC, or of another year than 1678 to 2261. What others write in
// their logs is read by `logs::parse_timestamp`, which takes more.
[[nodiscard]] std::optional<wall_point> parse_rfc3339(std::string_view) noexcept;

// Whether all of it can be told in nanoseconds from 1970 on.
[[nodiscard]] constexpr bool is_year_of_wall_clock(int year) noexcept { return year > 1677 && year < 2262; }

// What others wrote may lie beyond all that the clock can count: its nearest end then.
[[nodiscard]] wall_point nearest_wall_point(std::chrono::seconds since_1970) noexcept;

// Milliseconds since 1970, as messages and stores have them.
[[nodiscard]] std::int64_t unix_ms(wall_point) noexcept;

// The first 19 characters of it, for a writer that keeps them from one line to the next.
void write_date_and_time(char* at, std::chrono::sys_seconds) noexcept;

}  // namespace distd
