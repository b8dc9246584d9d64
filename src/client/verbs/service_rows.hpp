// Services as rows of a table and as JSON. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "client/output/table.hpp"
#include "ops/model/system_overview.hpp"

namespace distd::ops::client {

// Why a service is as it is, or what it lacks while it is well: "http://10.0.0.7:8100 answered 503: pool
// exhausted; 1 more", "requires points, which nobody offers".
[[nodiscard]] std::string why_of(const service_facts&, const system_overview&, wall_point now);
// The same of one instance; empty while it is well.
[[nodiscard]] std::string why_of(const instance&, const std::vector<event>* events, wall_point now);
// Since when the state holds that is shown.
[[nodiscard]] std::optional<wall_point> since_of(const service_facts&);

[[nodiscard]] table make_service_table();
[[nodiscard]] std::vector<cell> service_row(const service_facts&, const system_overview&, const output_style&,
                                            wall_point now);
// "33 services: 1 sick, 0 drained, 32 well".
[[nodiscard]] std::string summary_of(const std::vector<const service_facts*>&);

[[nodiscard]] boost::json::object to_json_object(const service_facts&, const system_overview&,
                                                 wall_point now);
[[nodiscard]] boost::json::object to_json_object(const instance&);

}  // namespace distd::ops::client
