// The gateway's state as JSON, for operators.
#pragma once

#include <string>
#include <vector>

#include "role/gateway_routes/route_table.hpp"
#include "role/portal/gateway/upstream_services.hpp"
#include "sdk/certificate_state.hpp"

namespace distd::portal {

[[nodiscard]] std::string gateway_status(const upstream_services& f,
                                         const gateway_routes::route_table& routes,
                                         const std::vector<std::string>& wrong,
                                         const std::vector<certificate_state>& certificates,
                                         steady_point now);

}  // namespace distd::portal
