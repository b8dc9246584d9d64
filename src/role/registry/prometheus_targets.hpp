// The instances as Prometheus' http_sd takes them: one group for each, with labels to choose and to name them
// by. Pure.
#pragma once

#include <string>
#include <string_view>

#include "role/registry/core/directory.hpp"

namespace distd::registry {

// All registered instances that are not drained, lost ones too: that one is down is what Prometheus is to
// see. `name`: only that service's; empty: all. An instance whose URL names no host is left out.
[[nodiscard]] std::string prometheus_targets(const directory&, std::string_view name);

}  // namespace distd::registry
