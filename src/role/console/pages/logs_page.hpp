// The page Logs: lines of all services, newest first, how many there were over time, and one of them with
// all of its fields. Pure.
#pragma once

#include <optional>

#include "ops/model/page_snapshot.hpp"
#include "role/console/model/log_query.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

struct logs_view {
    log_query query;
    page_snapshot all{};
    source_view<log_lines> lines{};
    source_view<log_counts> counts{};
    std::optional<source_view<log_line>> line{};  // the one that is looked at
};

[[nodiscard]] live_page make_logs_page(const logs_view&, wall_point now);

}  // namespace distd::ops::console
