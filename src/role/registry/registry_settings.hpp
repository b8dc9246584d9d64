// The settings of the registry, and the rules that they make.
#pragma once

#include <distd/settings.hpp>
#include <vector>

#include "base/settings/options.hpp"
#include "role/registry/registry.hpp"

namespace distd::registry {

[[nodiscard]] std::vector<setting> setting_rows();
[[nodiscard]] registry_rules rules_of(const settings&);

}  // namespace distd::registry
