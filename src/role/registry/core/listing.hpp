// The registry's state as its readers get it, in JSON. Pure.
#pragma once

#include <distd/time.hpp>
#include <string>
#include <string_view>

#include "role/registry/core/directory.hpp"
#include "role/registry/core/list_filter.hpp"

namespace distd::registry {

// The same moment on both clocks, to tell since when something holds.
struct moment {
    steady_point steady;
    wall_point wall;
};

// Lists of registrations as they came, each with Health, Since and Reason; with Guarded where it is lost and
// offered all the same; with Drained, DrainedSince and DrainReason where it is drained; with RegisteredAt
// where that is known. A health of "unchecked" means that the registration names nothing to probe.
[[nodiscard]] std::string all_as_json(const directory&, moment now);
[[nodiscard]] std::string named_as_json(const directory&, std::string_view name, moment now);

// With its details: also with ProbeMs, and with FailureAnswer where the last probe was answered with a
// failure.
[[nodiscard]] std::string filtered_as_json(const directory&, const list_filter&, moment now);

// The members that a reader may choose of an instance, each as it stands in the whole list.
[[nodiscard]] bool can_be_chosen(std::string_view name);
[[nodiscard]] std::string names_of_fields();

// Who requires whom, and what is missing.
[[nodiscard]] std::string graph_as_json(const directory&);

// Counts, and whether the guard against mass failures is on.
[[nodiscard]] std::string status_as_json(const directory&, std::string_view id, moment now);

[[nodiscard]] std::size_t drained_of(const catalog&);

}  // namespace distd::registry
