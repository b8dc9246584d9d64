// An instance's health by the name that lists have for it. Pure.
#pragma once

#include <string_view>

#include "role/registry/core/directory.hpp"

namespace distd::registry {

// Without a report: "unchecked", since the registration names nothing to probe.
[[nodiscard]] inline std::string_view health_word(const health_engine::report* health) {
    return health ? to_string(health->now) : "unchecked";
}
[[nodiscard]] inline std::string_view health_of(const directory& d, const instance& i) {
    return health_word(d.health().find(i.that.url));
}

}  // namespace distd::registry
