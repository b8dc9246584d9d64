// A request's tree with a bar for each service's part in it. Pure.
#pragma once

#include <string>

#include "client/output/output_style.hpp"
#include "ops/model/request_tree.hpp"

namespace distd::ops::client {

[[nodiscard]] std::string trace_text(const request_tree&, const output_style&);

}  // namespace distd::ops::client
