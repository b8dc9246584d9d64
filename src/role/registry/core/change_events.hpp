// What a change is called in the timeline. Pure; the directory and the store ask the same, so that what is
// kept is what was shown.
#pragma once

#include <optional>
#include <string>

#include "role/registry/core/changes.hpp"

namespace distd::registry {

// What was registered with the same URL before.
struct earlier_registration {
    std::string name;
    bool is_same = false;  // but for its health
    bool was_healthy = true;
};

// Nothing: a registration that says what is known is no event.
[[nodiscard]] std::optional<event> event_of(const put_change&, const std::optional<earlier_registration>&);
// The others are asked of changes that had an effect, on an instance of this name.
[[nodiscard]] event event_of(const remove_change&, std::string name);
[[nodiscard]] event event_of(const offer_change&, std::string name);
[[nodiscard]] event event_of(const drain_change&, std::string name);
[[nodiscard]] event event_of(const guard_change&);
[[nodiscard]] event event_of(const configuration_change&);

}  // namespace distd::registry
