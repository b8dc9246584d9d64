// What a service requires and cannot have. Pure.
#pragma once

#include <string>

#include "ops/model/system_overview.hpp"

namespace distd::ops {

// "requires points, which nobody offers". Empty: it has all that it requires.
[[nodiscard]] std::string lack_of(const service_facts&, const system_overview&);

}  // namespace distd::ops
