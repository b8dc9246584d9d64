// Kinds of requests that the gateway forwards only if the route allows it, since many implementations handle
// them wrongly.
#pragma once

#include <optional>

#include "role/portal/gateway/relay.hpp"

namespace distd::portal {

// The reason to refuse, or nullopt. `route` may be null.
[[nodiscard]] std::optional<gateway_failure> judge_kind(http::exchange& x,
                                                        const gateway_routes::gateway_route* route);

}  // namespace distd::portal
