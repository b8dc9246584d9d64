// Times as HTTP writes them (RFC 9110, section 5.6.7), in their one form that is not obsolete. Pure.
#pragma once

#include <distd/time.hpp>
#include <optional>
#include <string>

namespace distd::http {

// Sun, 06 Nov 1994 08:49:37 GMT
[[nodiscard]] std::string http_date(wall_point);
// One beyond what the clock can count is its end.
[[nodiscard]] std::optional<wall_point> parse_http_date(const std::string& text);

}  // namespace distd::http
