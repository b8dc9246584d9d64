// The lines of the log about changes of instances.
#pragma once

#include <distd/logger.hpp>
#include <string>

#include "role/registry/core/changes.hpp"
#include "role/registry/core/health.hpp"

namespace distd::registry {

// `name`: of the service. `health` has the change already.
void log_change(const logger&, const change&, const std::string& name, const health_engine& health);

}  // namespace distd::registry
