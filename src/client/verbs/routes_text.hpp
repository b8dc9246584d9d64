// What the gateways pass on, as tables and as JSON. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "client/output/output_style.hpp"
#include "ops/answers/gateway_answers.hpp"

namespace distd::ops::client {

[[nodiscard]] std::string routes_text(const gateway_state&, const output_style&);
[[nodiscard]] boost::json::object routes_json(const gateway_state&);

}  // namespace distd::ops::client
