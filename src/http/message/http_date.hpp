// The value of a Date field (RFC 9110, 5.6.7). Pure.
#pragma once

#include <distd/time.hpp>
#include <string>

namespace distd::http {

// Sun, 06 Nov 1994 08:49:37 GMT
[[nodiscard]] std::string http_date(wall_point);

}  // namespace distd::http
