// GET /alerts: what the alerts do, and whether their messages arrive. POST /alerts/NAME/test sends one.
#pragma once

#include <distd/service.hpp>

#include "role/registry/registry.hpp"

namespace distd::registry {

class alert_routes {
public:
    alert_routes(service&, registry&);

private:
    [[nodiscard]] http::handler_result list(const http::request&) const;
    [[nodiscard]] http::handler_result test(const http::request&);

    registry& registry_;
};

}  // namespace distd::registry
