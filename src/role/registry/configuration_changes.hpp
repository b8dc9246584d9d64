// Changes of the configuration as the timeline has them. Pure.
#pragma once

#include "role/registry/config/config_store.hpp"
#include "role/registry/core/changes.hpp"

namespace distd::registry {

// Of one that was made.
[[nodiscard]] configuration_change to_configuration_change(const config_change&, const config_outcome&);

}  // namespace distd::registry
