#include "ops/sources/sources.hpp"

#include "ops/model/log_levels.hpp"

namespace distd::ops {

task<page_snapshot> sources::take_snapshot(time_range range) {
    const auto latest_errors = "/log?limit=8&level=" + std::string(error_levels);
    registry.refresh(range);
    log.refresh(range);
    log.refresh_lines(latest_errors);
    gateway.refresh(range);
    const auto asked = own.time().now();
    page_snapshot p;
    p.registry = co_await registry.state(asked);
    p.history = co_await registry.history(range, asked);
    p.errors = co_await log.errors(range, asked);
    p.latest_errors = co_await log.lines(latest_errors, asked);
    p.traffic = co_await gateway.history(range, asked);
    p.own_name = own.name();
    p.registry_address = registry.address();
    p.log_address = log.address();
    const auto portals = gateway.addresses();
    p.gateway_address = portals.empty() ? std::string() : portals.front();
    co_return p;
}

}  // namespace distd::ops
