// The health of all instances over time as its readers get it, in JSON. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "role/registry/core/directory.hpp"

namespace distd::registry {

[[nodiscard]] std::string histories_as_json(const directory&, wire::time_range);

}  // namespace distd::registry
