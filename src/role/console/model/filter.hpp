// Which services a page shows, as its address says, and the links that change that. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/model/system_overview.hpp"
#include "ops/model/time_range.hpp"

namespace distd::ops::console {

struct service_filter {
    std::string state{};  // empty, a service_state, or `errors`
    std::string machine{};
    std::string tag{};
    time_range range = time_range::hour;

    [[nodiscard]] bool matches(const service_facts&) const;
    [[nodiscard]] std::string query() const;  // as in an address; empty when all is shown
    friend bool operator==(const service_filter&, const service_filter&) = default;
};

using parameter_function = std::function<std::optional<std::string>(std::string_view name)>;
// What is not known is passed over: a page is shown in any case.
[[nodiscard]] service_filter read_filter(const parameter_function&);
[[nodiscard]] time_range read_range(const parameter_function&);

struct chip {
    std::string label;
    std::optional<std::size_t> count;
    std::string query;
    bool is_chosen = false;
};
struct chip_groups {
    std::vector<chip> states;
    std::vector<chip> machines;
    std::vector<chip> tags;
    std::vector<chip> ranges;
};
[[nodiscard]] chip_groups make_chips(const system_overview&, const service_filter&);

}  // namespace distd::ops::console
