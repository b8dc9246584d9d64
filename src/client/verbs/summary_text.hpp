// What `distd` alone shows, in fifteen lines at most. Pure.
#pragma once

#include <string>

#include "client/output/output_style.hpp"
#include "ops/model/system_overview.hpp"

namespace distd::ops::client {

// The services that a person asks for first: the sick ones.
[[nodiscard]] std::string first_rows(const system_overview&, const output_style&, wall_point now);
// The commands that one needs first. `is_running`: there is a registry.
[[nodiscard]] std::string what_next(bool is_running, const output_style&);

}  // namespace distd::ops::client
