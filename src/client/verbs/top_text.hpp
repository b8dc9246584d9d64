// What passes the gateways now, by service: as a table and as JSON. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <string>

#include "client/output/output_style.hpp"
#include "ops/model/facts.hpp"

namespace distd::ops::client {

// The busiest first; rates and latencies are those of the newest whole step.
[[nodiscard]] std::string top_text(const traffic_history&, const output_style&);
[[nodiscard]] boost::json::array top_json(const traffic_history&);

}  // namespace distd::ops::client
