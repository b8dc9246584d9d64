// Events of the registry as lines. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/output/output_style.hpp"
#include "ops/model/facts.hpp"

namespace distd::ops::client {

// "14:09:26 ▲ cart 10.0.0.7:8100 lost: connection refused". `all`: to find what came before it.
[[nodiscard]] std::string event_line(const event&, const std::vector<event>& all, const output_style&,
                                     wall_point now);

}  // namespace distd::ops::client
