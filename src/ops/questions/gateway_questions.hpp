// What is asked of the gateways, all portals together, and their answers as facts.
#pragma once

#include <string>
#include <vector>

#include "ops/answers/gateway_answers.hpp"
#include "ops/questions/fetched.hpp"

namespace distd::ops {

// `range`: 1h or 6h.
[[nodiscard]] task<fetched<traffic_history>> ask_traffic(send_function, std::vector<std::string> portals,
                                                         std::string range);
[[nodiscard]] task<fetched<gateway_state>> ask_gateways(send_function, std::vector<std::string> portals);

}  // namespace distd::ops
