#include "role/registry/core/change_events.hpp"

#include <utility>

namespace distd::registry {

std::optional<event> event_of(const put_change& c, const std::optional<earlier_registration>& before) {
    event e{c.revision, c.at_ms, event_type::registered, c.that.name, c.that.url, ""};
    if (!before) return e;
    if (before->is_same && before->was_healthy) return std::nullopt;
    if (before->is_same) {
        e.type = event_type::back;
        e.reason = "registered again";
        return e;
    }
    e.type = event_type::replaced;
    if (before->name != c.that.name) e.reason = "was " + before->name;
    return e;
}

event event_of(const remove_change& c, std::string name) {
    const auto type = c.generation == 0 ? event_type::deregistered : event_type::gone;
    return {c.revision, c.at_ms, type, std::move(name), c.url, c.reason};
}

event event_of(const offer_change& c, std::string name) {
    const auto type = c.offered ? event_type::back : event_type::lost;
    return {c.revision, c.at_ms, type, std::move(name), c.url, c.reason};
}

event event_of(const drain_change& c, std::string name) {
    const auto type = c.note.holds() ? event_type::drained : event_type::undrained;
    return {c.revision, c.at_ms, type, std::move(name), c.url, c.note.reason};
}

event event_of(const guard_change& c) {
    const auto type = c.is_on ? event_type::guard_on : event_type::guard_off;
    return {c.revision, c.at_ms, type, "", "", c.reason};
}

}  // namespace distd::registry
