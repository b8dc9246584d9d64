// Points in time as RFC 3339 text and as nanoseconds since 1970, UTC. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace distd::logs {

// A time as others write it; what our own services write is read by `parse_rfc3339` in base, strictly.
// 2026-01-02T03:04:05Z, with up to nine digits of a second's fraction (more are cut) and any offset. A space
// or a `t` may stand for the T, a comma for the point; seconds may be missing; an offset may lack its colon,
// or its minutes, be called UTC or GMT, and stand behind a space. Without one the time is in UTC. From
// 1969-12-31 to 2262-01-01: what the years 1970 to 2261, which fit, are in UTC. A leap second counts as the
// second before it.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text) noexcept;

// Seconds, milliseconds, microseconds or nanoseconds since 1970, distinguished by their size; seconds may
// have a fraction.
[[nodiscard]] std::optional<std::int64_t> parse_epoch(std::string_view number) noexcept;

// In UTC, with six digits of fraction, or nine when the time is finer than that.
void append_timestamp(std::string& out, std::int64_t nanoseconds);

}  // namespace distd::logs
