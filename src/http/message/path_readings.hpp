// What else a path can be taken for. A program behind this one may decode escapes, once or twice, resolve dot
// segments and empty ones, leave out parameters of segments (`;x`), take a backslash for a slash and end the
// path at an escaped `?` or `#`, in any order. Where a rule goes by the path, all of these have to lead to
// the same rule: or the path gets around it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::http {

constexpr std::size_t max_path_readings = 32;

// Of a path without a query, that begins with a slash: all readings but the path itself. Most paths have
// none, and are looked at once. Nothing: there are more than `max_path_readings`.
[[nodiscard]] std::optional<std::vector<std::string>> other_readings(std::string_view path);

}  // namespace distd::http
