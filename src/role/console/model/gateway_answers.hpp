// The gateway's answers as facts. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/console/model/facts.hpp"

namespace distd::console {

[[nodiscard]] std::optional<traffic_history> read_traffic(std::string_view json_text);
// Several gateways together: counts are added up, and of latencies the larger stays.
void merge(traffic_history& into, const traffic_history& other);

struct gateway_route {
    std::string gateway;  // which portal
    std::string name;
    std::string service;
    std::string prefix;
    std::string host;
};
struct gateway_state {
    std::vector<gateway_route> routes;
    std::vector<std::string> services;  // that are exposed
};
[[nodiscard]] std::optional<gateway_state> read_gateway_state(std::string_view json_text);

}  // namespace distd::console
