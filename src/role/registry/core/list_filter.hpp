// Which instances a reader of a list wants to see, and what of each. Pure.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "role/registry/core/directory.hpp"

namespace distd::registry {

struct list_filter {
    std::string name;               // empty: any, and so below
    std::vector<std::string> tags;  // each of them
    std::string health;
    std::string zone;
    bool only_offered = false;
    std::vector<std::string> fields;  // by their names in the list; none: all of them
    bool details = false;             // with what is another one after each probe

    auto operator<=>(const list_filter&) const = default;
    [[nodiscard]] bool is_empty() const noexcept { return name.empty() && is_name_alone(); }
    [[nodiscard]] bool is_name_alone() const noexcept {
        return tags.empty() && health.empty() && zone.empty() && !only_offered && fields.empty() && !details;
    }
    [[nodiscard]] bool matches(const directory&, const instance&) const;
};

}  // namespace distd::registry
