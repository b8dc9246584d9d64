#include "ops/model/event_words.hpp"

#include <algorithm>

#include "ops/model/words.hpp"

namespace distd::ops {
namespace {

struct known_event {
    std::string_view type;
    std::string_view glyph;
    std::string_view words;
    bool says_who = false;
    std::string_view before_reason = ": ";  // empty: it is not said
    bool is_of_registry = false;            // and of no service
};

constexpr known_event known_events[]{
    {"lost", "sick", "lost"},
    {"back", "well", "back", false, ""},
    {"registered", "well", "registered", false, ""},
    {"replaced", "dot", "registered anew", false, ", "},
    {"deregistered", "dot", "left", false, ""},
    {"gone", "dot", "removed from the list"},
    {"forgotten", "dot", "forgotten", true},
    {"drained", "drained", "drained", true},
    {"undrained", "well", "back in rotation", true},
    {"guard_on", "held", "guard against mass failures on", false, ": ", true},
    {"guard_off", "dot", "guard against mass failures off", false, ": ", true},
    {"in_doubt", "dot", "earlier events may be missing", false, "", true},
};

known_event known(std::string_view type) {
    const auto* const found = std::ranges::find(known_events, type, &known_event::type);
    return found == std::end(known_events) ? known_event{type, "dot", type} : *found;
}

std::string with_reason(std::string_view reason) {
    return reason.empty() ? std::string() : ": " + std::string(reason);
}

std::string by_whom(const event& e) { return e.actor.empty() ? std::string() : " by " + e.actor; }

std::string place_of(const event& e) {
    return e.url.empty() ? std::string() : " " + std::string(without_scheme(e.url));
}

// How long it was away: since the loss that came before.
std::string after_how_long(const event& e, const std::vector<event>& all) {
    const auto is_loss = [&](const event& other) {
        return other.index < e.index && other.url == e.url && other.type == "lost";
    };
    const auto found = std::find_if(all.rbegin(), all.rend(), is_loss);
    if (found == all.rend()) return {};
    return " after " + as_age(std::chrono::duration_cast<milliseconds>(e.at - found->at)).text();
}

std::string version(std::int64_t v) { return "v" + std::to_string(v); }

std::string change_of_version(const event& e) {
    if (e.was && e.version) return " " + version(*e.was) + " → " + version(*e.version);
    return e.version ? " " + version(*e.version) : std::string();
}

event_words describe_config(const event& e) {
    const auto name = one_line(e.key, 200);
    const auto why = with_reason(e.reason);
    if (e.type == "config_deleted")
        return {
            "dot", {}, name, (e.was ? " " + version(*e.was) : std::string()) + " deleted" + by_whom(e) + why};
    if (e.type == "config_restored")
        return {"dot", {}, name, change_of_version(e) + " restored" + by_whom(e) + why};
    return {"dot", {}, name, change_of_version(e) + by_whom(e) + why};
}

}  // namespace

std::string event_phrase(std::string_view type, std::string_view reason, std::string_view actor,
                         std::string_view lasted) {
    const auto row = known(type);
    std::string out(row.words);
    if (type == "back") out += lasted;
    if (row.says_who && !actor.empty()) out.append(" by ").append(actor);
    if (!row.before_reason.empty() && !reason.empty()) out.append(row.before_reason).append(reason);
    return out;
}

event_words describe(const event& e, const std::vector<event>& all) {
    if (e.type.starts_with("config_")) return describe_config(e);
    const auto row = known(e.type);
    const auto lasted = e.type == "back" ? after_how_long(e, all) : std::string();
    auto phrase = event_phrase(e.type, e.reason, e.actor, lasted);
    if (row.is_of_registry) return {row.glyph, {}, {}, std::move(phrase)};
    return {row.glyph, e.name, {}, place_of(e) + " " + phrase};
}

std::vector<outage> outages_of(std::string_view service, const std::vector<event>& all) {
    std::vector<outage> out;
    for (const auto& e : all) {
        if (e.name != service) continue;
        const auto is_open = [&](const outage& o) { return o.url == e.url && !o.to; };
        const auto open = std::ranges::find_if(out, is_open);
        if (e.type == "lost" && open == out.end()) out.push_back({e.url, e.at, std::nullopt, e.reason});
        const bool ends =
            e.type == "back" || e.type == "gone" || e.type == "deregistered" || e.type == "forgotten";
        if (ends && open != out.end()) open->to = e.at;
    }
    std::ranges::reverse(out);
    return out;
}

}  // namespace distd::ops
