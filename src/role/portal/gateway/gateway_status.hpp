// What the gateway knows, for operators: as JSON.
#pragma once

#include <string>
#include <vector>

#include "role/portal/gateway/fleet.hpp"
#include "role/portal/gateway/route_table.hpp"

namespace distd::portal {

[[nodiscard]] std::string gateway_status(const fleet& f, const route_table& routes,
                                         const std::vector<std::string>& wrong, steady_point now);

}  // namespace distd::portal
