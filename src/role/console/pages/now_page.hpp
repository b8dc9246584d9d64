// The page Now: is anything wrong, what runs, what just happened, what was just said. Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/model/page_snapshot.hpp"
#include "ops/model/system_overview.hpp"
#include "role/console/model/filter.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

[[nodiscard]] live_page make_now_page(const page_snapshot&, const service_filter&, wall_point now);

}  // namespace distd::ops::console
