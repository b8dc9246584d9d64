// Points in time as RFC 3339 text, in UTC: 2024-05-01T12:00:00.250Z. Pure. For the years 1678 to 2261.
#pragma once

#include <chrono>
#include <cstdint>
#include <distd/time.hpp>
#include <string>

namespace distd {

// How many digits of a second's fraction are written.
enum class time_digits : std::uint8_t { none = 0, milliseconds = 3, microseconds = 6, nanoseconds = 9 };

void append_rfc3339(std::string& out, std::chrono::sys_time<std::chrono::nanoseconds>, time_digits);
[[nodiscard]] std::string rfc3339(wall_point, time_digits = time_digits::none);

// The first 19 characters of it, for a writer that keeps them from one line to the next.
void write_date_and_time(char* at, std::chrono::sys_seconds) noexcept;

}  // namespace distd
