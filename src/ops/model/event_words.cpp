#include "ops/model/event_words.hpp"

#include <algorithm>

#include "ops/model/words.hpp"

namespace distd::ops {
namespace {

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

event_words describe(const event& e, const std::vector<event>& all) {
    if (e.type.starts_with("config_")) return describe_config(e);
    const auto place = place_of(e);
    if (e.type == "lost") return {"sick", e.name, {}, place + " lost" + with_reason(e.reason)};
    if (e.type == "back") return {"well", e.name, {}, place + " back" + after_how_long(e, all)};
    if (e.type == "registered") return {"well", e.name, {}, place + " registered"};
    if (e.type == "replaced")
        return {"dot", e.name, {}, place + " registered anew" + (e.reason.empty() ? "" : ", " + e.reason)};
    if (e.type == "deregistered") return {"dot", e.name, {}, place + " left"};
    if (e.type == "gone")
        return {"dot", e.name, {}, place + " removed from the list" + with_reason(e.reason)};
    if (e.type == "forgotten")
        return {"dot", e.name, {}, place + " forgotten" + by_whom(e) + with_reason(e.reason)};
    if (e.type == "drained")
        return {"drained", e.name, {}, place + " drained" + by_whom(e) + with_reason(e.reason)};
    if (e.type == "undrained")
        return {"well", e.name, {}, place + " back in rotation" + by_whom(e) + with_reason(e.reason)};
    if (e.type == "guard_on")
        return {"held", {}, {}, "guard against mass failures on" + with_reason(e.reason)};
    if (e.type == "guard_off")
        return {"dot", {}, {}, "guard against mass failures off" + with_reason(e.reason)};
    if (e.type == "in_doubt")
        return {"dot", {}, {}, "the registry lost power: earlier events may be missing"};
    return {"dot", e.name, {}, place + " " + e.type + with_reason(e.reason)};
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
