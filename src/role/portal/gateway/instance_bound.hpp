// Which instances of a service the gateway uses where more are registered than it can. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "role/portal/gateway/gateway_balancer.hpp"

namespace distd::portal {

// Takes those beyond the first `max` out, and returns their URLs. Machines have places in turn, so that one
// with very many instances takes none from another; those in use so far come first on each.
[[nodiscard]] std::vector<std::string> cut_to_bound(std::vector<instance_facts>&,
                                                    const std::set<std::string_view>& in_use,
                                                    std::size_t max = balancing::max_instances);

}  // namespace distd::portal
