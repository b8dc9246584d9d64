// The page Alerts: who is told of what, and whether it arrives. Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/answers/alert_answers.hpp"
#include "ops/model/page_snapshot.hpp"
#include "ops/model/source_view.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

struct alerts_view {
    page_snapshot all{};
    source_view<std::vector<alert_facts>> alerts{};
    std::string form{};
};

[[nodiscard]] live_page make_alerts_page(const alerts_view&);

}  // namespace distd::ops::console
