// The lines of the log about changes of instances.
#pragma once

#include <distd/logger.hpp>

#include "role/registry/core/changes.hpp"
#include "role/registry/core/health.hpp"

namespace distd::registry {

// `health` has the change already.
void log_change(const logger&, const change&, const health_engine& health);

}  // namespace distd::registry
