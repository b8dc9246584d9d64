#include "role/registry/state_changes.hpp"

#include <algorithm>
#include <ranges>

namespace distd::registry {
namespace {

using mood = state_change::mood;

std::string with_reason(const event& e) { return e.reason.empty() ? std::string() : ": " + e.reason; }
std::string by_whom(const event& e) { return e.actor.empty() ? std::string() : " by " + e.actor; }

std::string after_how_long(const event& e, const timeline& all) {
    const auto is_loss = [&](const event& other) {
        return other.index < e.index && other.type == event_type::lost && other.url == e.url;
    };
    const auto newest_first = std::views::reverse(all.all());
    const auto loss = std::ranges::find_if(newest_first, is_loss);
    if (loss == newest_first.end()) return {};
    return " after " + span_words(milliseconds(e.at_ms - loss->at_ms));
}

std::string version_of(const event& e) { return ", v" + std::to_string(e.version); }

struct words {
    mood now;
    std::string text;
};

words words_of(const event& e, const timeline& all) {
    switch (e.type) {
        case event_type::registered: return {mood::plain, "registered"};
        case event_type::replaced:
            return {mood::plain, "registered anew" + (e.reason.empty() ? "" : ", " + e.reason)};
        case event_type::deregistered: return {mood::plain, "left"};
        case event_type::lost: return {mood::lost, "lost" + with_reason(e)};
        case event_type::back: return {mood::well, "back" + after_how_long(e, all)};
        case event_type::gone: return {mood::plain, "removed from the list" + with_reason(e)};
        case event_type::forgotten: return {mood::plain, "forgotten" + by_whom(e) + with_reason(e)};
        case event_type::drained: return {mood::held, "drained" + by_whom(e) + with_reason(e)};
        case event_type::undrained: return {mood::well, "back in rotation" + by_whom(e) + with_reason(e)};
        case event_type::guard_on: return {mood::held, "guard against mass failures on" + with_reason(e)};
        case event_type::guard_off: return {mood::plain, "guard against mass failures off" + with_reason(e)};
        case event_type::in_doubt: return {mood::plain, "earlier events may be missing"};
        case event_type::config_put:
            return {mood::plain, "changed" + by_whom(e) + version_of(e) + with_reason(e)};
        case event_type::config_deleted: return {mood::plain, "deleted" + by_whom(e) + with_reason(e)};
        case event_type::config_restored:
            return {mood::plain, "restored" + by_whom(e) + version_of(e) + with_reason(e)};
    }
    return {mood::plain, std::string(to_string(e.type))};
}

std::string subject_of(const event& e) {
    if (is_of_configuration(e.type)) return "config " + e.name;
    return e.name.empty() ? "registry" : e.name;
}

}  // namespace

state_change to_state_change(const event& e, const timeline& all) {
    auto [now, text] = words_of(e, all);
    return {wall_point(milliseconds(e.at_ms)), now, subject_of(e), e.url, std::move(text)};
}

}  // namespace distd::registry
