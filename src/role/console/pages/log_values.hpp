// Template values of lines as the pages Logs and Request show them. Pure.
#pragma once

#include "role/console/model/log_query.hpp"
#include "role/console/pages/common_values.hpp"

namespace distd::ops::console {

// {iso, clock} to the millisecond, or null.
[[nodiscard]] json::value moment_of(std::optional<wall_point>);
// One row of a list; `href`: where the line is looked at.
[[nodiscard]] json::object row_of(const log_line&, const log_query&, std::string_view href);
// The colour of a service among others: by its name, the same on every page.
[[nodiscard]] std::string hue_of(std::string_view service);
[[nodiscard]] std::string url_of_request(std::string_view trace);

}  // namespace distd::ops::console
