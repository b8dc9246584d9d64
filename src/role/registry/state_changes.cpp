#include "role/registry/state_changes.hpp"

#include <algorithm>
#include <ranges>

#include "ops/model/event_words.hpp"

namespace distd::registry {
namespace {

using mood = state_change::mood;

std::string after_how_long(const event& e, const timeline& all) {
    const auto is_loss = [&](const event& other) {
        return other.index < e.index && other.type == event_type::lost && other.url == e.url;
    };
    const auto newest_first = std::views::reverse(all.all());
    const auto loss = std::ranges::find_if(newest_first, is_loss);
    if (loss == newest_first.end()) return {};
    return " after " + span_words(milliseconds(e.at_ms - loss->at_ms));
}

mood mood_of(event_type type) {
    switch (type) {
        case event_type::lost: return mood::lost;
        case event_type::back:
        case event_type::undrained: return mood::well;
        case event_type::drained:
        case event_type::guard_on: return mood::held;
        default: return mood::plain;
    }
}

std::string config_phrase(const event& e) {
    std::string out = e.type == event_type::config_deleted    ? "deleted"
                      : e.type == event_type::config_restored ? "restored"
                                                              : "changed";
    if (!e.actor.empty()) out += " by " + e.actor;
    if (e.type != event_type::config_deleted) out += ", v" + std::to_string(e.version);
    return e.reason.empty() ? out : out + ": " + e.reason;
}

std::string subject_of(const event& e) {
    if (is_of_configuration(e.type)) return "config " + e.name;
    return e.name.empty() ? "registry" : e.name;
}

}  // namespace

state_change to_state_change(const event& e, const timeline& all) {
    const auto lasted = e.type == event_type::back ? after_how_long(e, all) : std::string();
    auto text = is_of_configuration(e.type) ? config_phrase(e)
                                            : ops::event_phrase(to_string(e.type), e.reason, e.actor, lasted);
    return {wall_point(milliseconds(e.at_ms)), mood_of(e.type), subject_of(e), e.url, std::move(text)};
}

}  // namespace distd::registry
