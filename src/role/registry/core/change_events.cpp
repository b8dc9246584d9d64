#include "role/registry/core/change_events.hpp"

#include <utility>

namespace distd::registry {

std::optional<event> event_of(const put_change& c, const std::optional<earlier_registration>& before) {
    if (before && before->is_same && before->was_healthy) return std::nullopt;
    std::optional<event> e(std::in_place, c.revision, c.at_ms, event_type::registered, c.that.name,
                           c.that.url, c.reason, c.actor);
    if (!before) return e;
    e->type = before->is_same ? event_type::back : event_type::replaced;
    e->reason = before->is_same               ? "registered again"
                : before->name != c.that.name ? "was " + before->name
                                              : std::string();
    return e;
}

event event_of(const remove_change& c, std::string name) {
    const auto type = c.is_forgotten      ? event_type::forgotten
                      : c.generation == 0 ? event_type::deregistered
                                          : event_type::gone;
    return {c.revision, c.at_ms, type, std::move(name), c.url, c.reason, c.actor};
}

event event_of(const offer_change& c, std::string name) {
    const auto type = c.offered ? event_type::back : event_type::lost;
    return {c.revision, c.at_ms, type, std::move(name), c.url, c.reason};
}

event event_of(const drain_change& c, std::string name) {
    const auto type = c.note.holds() ? event_type::drained : event_type::undrained;
    const auto& reason = c.note.holds() ? c.note.reason : c.reason;
    return {c.revision, c.at_ms, type, std::move(name), c.url, reason, c.actor};
}

event event_of(const guard_change& c) {
    const auto type = c.is_on ? event_type::guard_on : event_type::guard_off;
    return {c.revision, c.at_ms, type, "", "", c.reason};
}

event event_of(const configuration_change& c) {
    return {c.revision, c.at_ms, c.what, c.key, "", c.reason, c.actor, c.version, c.was};
}

}  // namespace distd::registry
