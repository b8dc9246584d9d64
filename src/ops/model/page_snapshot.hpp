// What all sources answered at one moment: a page is made of it. Pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/model/facts.hpp"
#include "ops/model/headline.hpp"
#include "ops/model/source_view.hpp"
#include "ops/model/system_overview.hpp"

namespace distd::ops {

// Each part is null where the registry does not tell it.
struct registry_state {
    std::string id{};  // of its data
    std::shared_ptr<const std::vector<instance>> instances{};
    std::string instances_tag{};  // their ETag
    std::shared_ptr<const std::vector<missing_service>> missing{};
    std::shared_ptr<const std::vector<event>> events{};  // oldest first
    std::shared_ptr<const failure_guard> guard{};
};

using error_counts = std::map<std::string, std::int64_t>;  // by service
using log_lines = std::vector<log_line>;                   // in the order of the answer

struct page_snapshot {
    source_view<registry_state> registry{};
    source_view<health_bars> history{};
    source_view<error_counts> errors{};
    source_view<log_lines> latest_errors{};
    source_view<traffic_history> traffic{};
    std::string own_name{};  // of the console as a service
    std::string registry_address{};
    std::string log_address{};
    std::string gateway_address{};

    // Null where it is not known.
    [[nodiscard]] const std::vector<event>* events() const noexcept {
        return registry.good ? registry.good->events.get() : nullptr;
    }
    [[nodiscard]] std::optional<away_note> registry_is_away() const {
        if (!registry.is_away()) return std::nullopt;
        return away_note{registry.as_of, registry.trouble};
    }
    [[nodiscard]] system_overview services(wall_point now) const;
};

}  // namespace distd::ops
