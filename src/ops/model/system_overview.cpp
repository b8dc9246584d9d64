#include "ops/model/system_overview.hpp"

#include <algorithm>
#include <tuple>

#include "base/ascii.hpp"
#include "ops/model/words.hpp"

namespace distd::ops {
namespace {

using groups = std::map<std::string, service_facts, std::less<>>;

std::string with_age(std::string text, const instance& i, wall_point now) {
    return i.since ? text + ", " + age_since(i.since, now) : text;
}

// Who drained it, as the newest event of that says.
std::string drained_by(const instance& i, const std::vector<event>* events) {
    if (!events) return {};
    const auto of_it = [&](const event& e) { return e.type == "drained" && e.url == i.url; };
    const auto found = std::find_if(events->rbegin(), events->rend(), of_it);
    return found == events->rend() || found->actor.empty() ? std::string() : " by " + found->actor;
}

bool is_up(instance_state s) { return s == instance_state::well || s == instance_state::unchecked; }

health_cell cell_now(instance_state s) {
    switch (s) {
        case instance_state::lost:
        case instance_state::held: return health_cell::lost;
        case instance_state::drained: return health_cell::drained;
        case instance_state::well: return health_cell::well;
        default: return health_cell::unknown;
    }
}

void add_history(service_facts& s, const instance& i, const health_bars* history) {
    if (history)
        if (const auto found = history->find(i.url); found != history->end())
            for (std::size_t at = 0; at < bar_cells; ++at) s.bar[at] = std::max(s.bar[at], found->second[at]);
    s.bar.back() = std::max(s.bar.back(), cell_now(state_of(i)));
}

void sort_unique(std::vector<std::string>& names) {
    std::ranges::sort(names);
    const auto rest = std::ranges::unique(names);
    names.erase(rest.begin(), rest.end());
}

groups group(const overview_input& facts) {
    groups out;
    for (const auto& i : *facts.instances) {
        auto& s = out[i.name];
        s.name = i.name;
        s.machines.push_back(i.machine);
        if (!i.version.empty()) s.versions.push_back(i.version);
        s.tags.insert(s.tags.end(), i.tags.begin(), i.tags.end());
        s.required.insert(s.required.end(), i.required.begin(), i.required.end());
        const auto since = up_since(i);
        if (since && (!s.up_since || *since < *s.up_since)) s.up_since = since;
        add_history(s, i, facts.history);
        s.up += is_up(state_of(i)) ? 1 : 0;
        s.instances.push_back(i);
    }
    if (facts.missing)
        for (const auto& m : *facts.missing) {
            auto missed_by = m.required_by;
            std::erase(missed_by, facts.own_name);
            if (missed_by.empty()) continue;
            out[m.name].name = m.name;
            out[m.name].missed_by = std::move(missed_by);
        }
    return out;
}

bool has(const service_facts& s, instance_state wanted) {
    return std::ranges::any_of(s.instances, [&](const auto& i) { return state_of(i) == wanted; });
}

// A name that others require and nobody offers is sick, unless somebody drained it on purpose.
service_state state_of(const service_facts& s) {
    using enum instance_state;
    if (has(s, lost) || has(s, held) || s.instances.empty()) return service_state::sick;
    if (has(s, drained)) return service_state::drained;
    if (has(s, starting)) return service_state::starting;
    return service_state::well;
}

std::string_view glyph_of(const service_facts& s) {
    const auto all = [&](instance_state wanted) {
        return std::ranges::all_of(s.instances, [&](const auto& i) { return state_of(i) == wanted; });
    };
    if (s.state == service_state::sick && !has(s, instance_state::lost) && has(s, instance_state::held))
        return "held";
    if (s.state == service_state::well && all(instance_state::unchecked)) return "unchecked";
    return to_string(s.state);
}

// Of the most recent trouble; how many more have one.
std::string reason_of(const service_facts& s, const std::vector<event>* events, wall_point now) {
    if (s.instances.empty())
        return "missing: " + listed(s.missed_by, 3) + " need" + (s.missed_by.size() == 1 ? "s" : "") + " it";
    const auto& first = s.instances.front();
    if (is_up(state_of(first))) return {};
    auto text = reason_of(first, events, now);
    const auto troubled = static_cast<std::size_t>(
        std::ranges::count_if(s.instances, [&](const auto& i) { return state_of(i) == state_of(first); }));
    if (troubled > 1) text += "; " + std::to_string(troubled - 1) + " more";
    return text;
}

void order_instances(service_facts& s) {
    std::ranges::sort(s.instances, [](const instance& a, const instance& b) {
        const auto x = state_of(a), y = state_of(b);
        if (x != y) return x < y;
        if (x == instance_state::lost && a.since != b.since) return a.since > b.since;
        return a.url < b.url;
    });
}

void complete(service_facts& s, const overview_input& facts, wall_point now) {
    order_instances(s);
    sort_unique(s.machines);
    sort_unique(s.versions);
    sort_unique(s.tags);
    sort_unique(s.required);
    s.state = state_of(s);
    s.glyph = glyph_of(s);
    s.reason = reason_of(s, facts.events, now);
    if (facts.traffic)
        if (const auto found = facts.traffic->services.find(s.name); found != facts.traffic->services.end())
            s.passed = &found->second;
    if (facts.errors) {
        const auto found = facts.errors->find(s.name);
        s.errors = found == facts.errors->end() ? 0 : found->second;
    }
}

}  // namespace

std::string_view to_string(service_state s) noexcept {
    constexpr std::string_view words[]{"sick", "drained", "starting", "well"};
    return words[static_cast<std::size_t>(s)];
}

std::string_view to_string(instance_state s) noexcept {
    constexpr std::string_view words[]{"sick", "held", "drained", "starting", "well", "unchecked"};
    return words[static_cast<std::size_t>(s)];
}

instance_state state_of(const instance& i) {
    if (i.is_drained) return instance_state::drained;
    if (i.health == "lost") return i.is_guarded ? instance_state::held : instance_state::lost;
    if (i.health == "unproven") return instance_state::starting;
    if (i.health == "passing") return instance_state::well;
    return instance_state::unchecked;
}

std::string reason_of(const instance& i, const std::vector<event>* events, wall_point now) {
    const auto why = i.reason.empty() ? std::string() : ": " + i.reason;
    switch (state_of(i)) {
        case instance_state::lost: return with_age(i.url + " lost" + why, i, now);
        case instance_state::held: return with_age(i.url + " lost, but still offered" + why, i, now);
        case instance_state::drained: {
            const auto reason = i.drain_reason.empty() ? std::string() : ": " + i.drain_reason;
            return i.url + " drained" + drained_by(i, events) + reason;
        }
        case instance_state::starting: return "starting: not probed yet";
        default: return {};
    }
}

std::optional<wall_point> up_since(const instance& i) {
    const auto s = state_of(i);
    return is_up(s) || s == instance_state::starting ? i.registered_at : std::nullopt;
}

std::size_t system_overview::count(service_state s) const noexcept {
    return static_cast<std::size_t>(std::ranges::count(services, s, &service_facts::state));
}

const service_facts* system_overview::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(services, name, &service_facts::name);
    return found == services.end() ? nullptr : &*found;
}

std::vector<std::string> system_overview::required_by(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& s : services)
        if (std::ranges::find(s.required, name) != s.required.end()) out.push_back(s.name);
    return out;
}

system_overview make_overview(const overview_input& facts, wall_point now) {
    system_overview t;
    if (facts.guard) t.guard = *facts.guard;
    if (!facts.instances) return t;
    for (auto& [name, s] : group(facts)) {
        complete(s, facts, now);
        for (const auto& tag : s.tags) ++t.tags[tag];
        t.services.push_back(std::move(s));
    }
    for (const auto& i : *facts.instances) ++t.machines[i.machine];
    t.instances = facts.instances->size();
    std::ranges::sort(t.services, [](const auto& a, const auto& b) {
        const auto x = ascii::lowered(a.name), y = ascii::lowered(b.name);
        return std::tie(a.state, x, a.name) < std::tie(b.state, y, b.name);
    });
    if (facts.traffic) {
        for (const auto& s : t.services)
            if (s.passed && s.passed->rate)
                t.requests_per_second = t.requests_per_second.value_or(0) + *s.passed->rate;
    }
    return t;
}

}  // namespace distd::ops
