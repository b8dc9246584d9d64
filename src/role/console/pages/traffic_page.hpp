// The page Traffic: what passes the gateways, to which instances, what they leave out and why, and their
// routes. Pure.
#pragma once

#include <string>

#include "ops/answers/gateway_answers.hpp"
#include "ops/model/page_snapshot.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

struct traffic_view {
    std::string service{};         // whose charts and instances are shown; empty: all instances
    bool shows_six_hours = false;  // as long as gateways keep
    page_snapshot all{};
    source_view<traffic_history> history{};
    source_view<gateway_state> gateway{};

    [[nodiscard]] std::string address() const;
};

[[nodiscard]] live_page make_traffic_page(const traffic_view&, wall_point now);

}  // namespace distd::ops::console
