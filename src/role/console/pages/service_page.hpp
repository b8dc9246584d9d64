// The page of one service: its instances and what to do about them, its neighbours, its traffic, its last
// lines, its routes, its configuration and its events. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/answers/gateway_answers.hpp"
#include "ops/model/page_snapshot.hpp"
#include "role/console/model/filter.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

// A change that was just made from the page, and the way back.
struct change_notice {
    std::string token;
    std::string words;
};

struct service_view {
    std::string name;
    time_range range = time_range::hour;
    page_snapshot all{};
    source_view<log_lines> lines{};
    source_view<gateway_state> gateway{};
    std::vector<instance> details{};  // with what the last probes found
    std::vector<std::string> keys{};  // of its part of the configuration
    std::optional<change_notice> notice{};
    std::string who{};   // that changes are made by, as given before
    std::string form{};  // what its forms carry
};

[[nodiscard]] live_page make_service_page(const service_view&, wall_point now);

}  // namespace distd::ops::console
