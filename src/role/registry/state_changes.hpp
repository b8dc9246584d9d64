// What has happened, in words for a person at a terminal. Pure.
#pragma once

#include "base/logging/terminal_lines.hpp"
#include "role/registry/core/timeline.hpp"

namespace distd::registry {

// `all`: with what came before it, as a return says how long the loss has lasted.
[[nodiscard]] state_change to_state_change(const event&, const timeline& all);

}  // namespace distd::registry
