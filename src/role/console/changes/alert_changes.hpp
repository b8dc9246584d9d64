// The button of the page Alerts: a message that says nothing but that it was asked for.
#pragma once

#include <distd/service.hpp>

#include "ops/sources/registry_source.hpp"
#include "role/console/frame/site.hpp"

namespace distd::ops::console {

class alert_changes {
public:
    alert_changes(site&, registry_source&);

private:
    // Leads back to the page, which shows what became of it, or says why nothing was sent.
    [[nodiscard]] task<http::response> test(http::request);

    site& site_;
    registry_source& registry_;
};

}  // namespace distd::ops::console
