#include "ops/model/headline.hpp"

#include <algorithm>

#include "ops/model/words.hpp"

namespace distd::ops {
namespace {

constexpr std::size_t max_named = 4;  // services of one kind; the others are counted

std::string counted_services(std::size_t some, std::size_t all, std::string_view state) {
    if (some == all)
        return (all == 1 ? "The only service is "
                         : "All " + grouped(static_cast<std::int64_t>(all)) + " services are ") +
               std::string(state);
    return grouped(static_cast<std::int64_t>(some)) + " of " + counted(all, "service", "services") +
           (some == 1 ? " is " : " are ") + std::string(state);
}

// While nothing is sick: what those that are not up are, where that is one thing.
std::string headline_text(const system_overview& t, std::size_t up) {
    const auto all = t.services.size();
    const auto only = [&](service_state which) {
        return up < all &&
               std::ranges::all_of(t.services, [&](const auto& s) { return s.up > 0 || s.state == which; });
    };
    if (only(service_state::starting)) return counted_services(all - up, all, "starting");
    if (up == 0 && only(service_state::drained)) return counted_services(all, all, "drained");
    return counted_services(up, all, "well");
}

std::string ago(const service_facts& s, wall_point now) {
    const auto& first = s.instances.front();
    if (!first.since) return {};
    return " " + age_since(first.since, now) + " ago";
}

std::string said_of_sick(const service_facts& s, wall_point now) {
    if (s.instances.empty())
        return " is missing: " + listed(s.missed_by, 3) +
               (s.missed_by.size() == 1 ? " needs it" : " need it");
    const auto lost = static_cast<std::size_t>(std::ranges::count_if(s.instances, [](const auto& i) {
        return state_of(i) == instance_state::lost || state_of(i) == instance_state::held;
    }));
    auto text = lost == s.instances.size() && lost > 1 ? " has lost all " + number_word(lost) + " instances"
                : lost == s.instances.size()           ? " has lost its only instance"
                                                       : " has lost " + number_word(lost) + " of " +
                                                   number_word(s.instances.size()) + " instances";
    text += ago(s, now);
    if (!s.missed_by.empty())
        text += ", and " + listed(s.missed_by, 3) + (s.missed_by.size() == 1 ? " needs it" : " need it");
    return text;
}

std::string said_of(const service_facts& s, wall_point now) {
    switch (s.state) {
        case service_state::sick: return said_of_sick(s, now);
        case service_state::drained: return s.up == 0 ? " is drained" : " is drained in part";
        case service_state::starting: return s.up == 0 ? " is starting" : " is starting in part";
        default: return {};
    }
}

void name_some(std::vector<headline_part>& parts, const system_overview& t, service_state which,
               wall_point now) {
    std::size_t named = 0;
    const auto all = t.count(which);
    for (const auto& s : t.services) {
        if (s.state != which) continue;
        if (named == max_named) {
            parts.push_back(
                {.text = counted(all - named, "more is ", "more are ") + std::string(to_string(which))});
            return;
        }
        parts.push_back({.service = s.name, .text = said_of(s, now)});
        ++named;
    }
}

// Since the last event that says something was wrong, or no longer is.
std::optional<wall_point> well_since(const std::vector<event>* events) {
    constexpr std::string_view kinds[]{"lost", "back", "gone", "drained", "undrained", "guard_off"};
    if (!events) return std::nullopt;
    const auto is_one = [&](const event& e) { return std::ranges::find(kinds, e.type) != std::end(kinds); };
    const auto found = std::find_if(events->rbegin(), events->rend(), is_one);
    return found == events->rend() ? std::nullopt : std::optional(found->at);
}

void add_totals(std::vector<headline_part>& parts, const system_overview& t) {
    parts.push_back({.text = counted(t.instances, "instance", "instances") + " on " +
                             counted(t.machines.size(), "machine", "machines")});
    if (t.requests_per_second && *t.requests_per_second > 0) {
        const auto rate = as_rate(*t.requests_per_second);
        const auto factor = rate.unit.starts_with('/') ? std::string() : rate.unit.substr(0, 1) + ' ';
        parts.push_back({.text = rate.number + ' ' + factor + "requests/s"});
    }
}

bool has_errors(const system_overview& t) {
    return std::ranges::any_of(t.services, [](const auto& s) { return s.errors.value_or(1) > 0; });
}

headline of_unreachable(const system_overview& t, const away_note& away) {
    headline h{"The registry is unreachable", "unknown", {}, {}, "? registry unreachable"};
    h.title = h.state + " · distd";
    h.parts.push_back({.text = away.reason});
    if (away.as_of) {
        h.parts.push_back({.text = "what is shown is of", .since = away.as_of});
        add_totals(h.parts, t);
    }
    return h;
}

}  // namespace

headline make_headline(const system_overview& t, const std::vector<event>* events,
                       const std::optional<away_note>& away, std::string_view range_words, wall_point now) {
    if (away) return of_unreachable(t, *away);
    const auto all = t.services.size();
    if (all == 0) return {"No service is registered yet", "well", {}, "distd"};
    const auto sick = t.count(service_state::sick);
    const auto up =
        static_cast<std::size_t>(std::ranges::count_if(t.services, [](const auto& s) { return s.up > 0; }));
    const bool is_calm = sick == 0 && up == all;
    headline h;
    h.tone = sick > 0 ? "sick" : "well";
    h.text = sick > 0 ? counted_services(sick, all, "sick") : headline_text(t, up);
    h.state = sick > 0 ? "▲ " + std::to_string(sick) + " sick" : is_calm ? "● well" : "●";
    h.title = h.state + (h.state == "●" ? " distd" : " · distd");
    if (t.guard.is_active)
        h.parts.push_back({.text = "the guard against mass failures is on: " + t.guard.reason});
    name_some(h.parts, t, service_state::sick, now);
    name_some(h.parts, t, service_state::drained, now);
    name_some(h.parts, t, service_state::starting, now);
    if (is_calm && h.parts.empty()) {
        if (const auto since = well_since(events)) h.parts.push_back({.text = "since", .since = since});
    } else if (t.count(service_state::well) > 0) {
        h.parts.push_back({.text = "everything else is well"});
    }
    add_totals(h.parts, t);
    if (sick == 0 && !has_errors(t))
        h.parts.push_back({.text = "no errors in the " + std::string(range_words)});
    return h;
}

}  // namespace distd::ops
