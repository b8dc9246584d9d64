// The timeline: what happened, newest first, by kind, by service and by who. Pure.
#pragma once

#include <string>

#include "ops/model/page_snapshot.hpp"
#include "role/console/model/filter.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

struct event_query {
    std::string kind{};  // health, drains, registrations, configuration, guard; empty: all
    std::string name{};
    std::string who{};

    [[nodiscard]] bool matches(const event&) const;
    [[nodiscard]] std::string query() const;
};
[[nodiscard]] event_query read_event_query(const parameter_function&);

[[nodiscard]] live_page make_events_page(const page_snapshot&, const event_query&);

}  // namespace distd::ops::console
