// The certificates that gateways show, as tables and as JSON. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "client/output/output_style.hpp"
#include "ops/answers/gateway_answers.hpp"

namespace distd::ops::client {

[[nodiscard]] std::string certs_text(const std::vector<shown_certificate>&, const output_style&);
[[nodiscard]] boost::json::object certs_json(const std::vector<shown_certificate>&);

}  // namespace distd::ops::client
