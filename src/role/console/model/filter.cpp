#include "role/console/model/filter.hpp"

#include <algorithm>
#include <tuple>

#include "http/message/url.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t max_machines = 12;
constexpr std::size_t max_tags = 8;
constexpr std::string_view with_errors = "errors";

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

std::size_t services_with_errors(const system_overview& t) {
    return static_cast<std::size_t>(
        std::ranges::count_if(t.services, [](const auto& s) { return s.errors.value_or(0) > 0; }));
}

std::vector<chip> state_chips(const system_overview& t, const service_filter& now) {
    std::vector<chip> out;
    const auto add = [&](std::string label, std::string state, std::size_t count) {
        const bool is_chosen = now.state == state;
        if (count == 0 && !state.empty() && !is_chosen) return;  // a page without trouble offers no trouble
        auto then = now;
        then.state = state;
        out.push_back({std::move(label), count, then.query(), is_chosen});
    };
    add("All", "", t.services.size());
    add("Sick", "sick", t.count(service_state::sick));
    add("Drained", "drained", t.count(service_state::drained));
    add("Starting", "starting", t.count(service_state::starting));
    add("With errors", std::string(with_errors), services_with_errors(t));
    return out;
}

// The largest groups, in the order of their names; one that is chosen is always there.
std::vector<chip> group_chips(const std::map<std::string, std::size_t>& groups, const service_filter& now,
                              std::string service_filter::*field, std::size_t max) {
    std::vector<std::pair<std::string, std::size_t>> largest(groups.begin(), groups.end());
    std::ranges::sort(largest, [](const auto& a, const auto& b) {
        return std::tie(b.second, a.first) < std::tie(a.second, b.first);
    });
    if (largest.size() > max) largest.resize(max);
    const auto& chosen = now.*field;
    if (!chosen.empty() && std::ranges::none_of(largest, [&](const auto& g) { return g.first == chosen; }))
        largest.emplace_back(chosen, groups.contains(chosen) ? groups.at(chosen) : 0);
    std::ranges::sort(largest);
    std::vector<chip> out;
    for (const auto& [name, count] : largest) {
        auto then = now;
        const bool is_chosen = name == chosen;
        then.*field = is_chosen ? std::string() : name;
        out.push_back({one_line(name, 40), count, then.query(), is_chosen});
    }
    return out;
}

std::vector<chip> range_chips(const service_filter& now) {
    std::vector<chip> out;
    for (const auto r : {time_range::hour, time_range::day, time_range::month}) {
        auto then = now;
        then.range = r;
        out.push_back({std::string(label_of(r)), std::nullopt, then.query(), r == now.range});
    }
    return out;
}

}  // namespace

bool service_filter::matches(const service_facts& s) const {
    if (state == with_errors && s.errors.value_or(0) == 0) return false;
    if (!state.empty() && state != with_errors && state != to_string(s.state)) return false;
    if (!machine.empty() && !has(s.machines, machine)) return false;
    return tag.empty() || has(s.tags, tag);
}

std::string service_filter::query() const {
    std::string out = "?";
    http::append_parameter(out, "state", state);
    http::append_parameter(out, "machine", machine);
    http::append_parameter(out, "tag", tag);
    if (range != time_range::hour) http::append_parameter(out, "range", to_string(range));
    return out == "?" ? "" : out;
}

time_range read_range(const parameter_function& find) {
    return wire::to_time_range(find("range").value_or("")).value_or(time_range::hour);
}

service_filter read_filter(const parameter_function& find) {
    constexpr std::string_view states[]{"sick", "drained", "starting", "well", with_errors};
    service_filter f;
    f.state = find("state").value_or("");
    if (std::ranges::find(states, f.state) == std::end(states)) f.state.clear();
    f.machine = find("machine").value_or("");
    f.tag = find("tag").value_or("");
    f.range = read_range(find);
    return f;
}

chip_groups make_chips(const system_overview& t, const service_filter& now) {
    chip_groups out;
    out.states = state_chips(t, now);
    if (t.machines.size() > 1 || !now.machine.empty())
        out.machines = group_chips(t.machines, now, &service_filter::machine, max_machines);
    out.tags = group_chips(t.tags, now, &service_filter::tag, max_tags);
    out.ranges = range_chips(now);
    return out;
}

}  // namespace distd::ops::console
