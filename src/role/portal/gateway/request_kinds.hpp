// Kinds of requests that the gateway passes on only where a route says so: instances of whatever make are not
// up to them.
#pragma once

#include <optional>

#include "role/portal/gateway/relay.hpp"

namespace distd::portal {

// Why not, or nothing. `route` may be null.
[[nodiscard]] std::optional<gateway_failure> judge_kind(http::exchange& x, const gateway_route* route);

}  // namespace distd::portal
