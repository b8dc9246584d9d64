// The page Now: is anything wrong, what runs, what just happened, what was just said. Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/model/picture.hpp"
#include "ops/model/town.hpp"
#include "role/console/model/filter.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

[[nodiscard]] live_page make_now_page(const picture&, const service_filter&, wall_point now);

}  // namespace distd::ops::console
