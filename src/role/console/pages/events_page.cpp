#include "role/console/pages/events_page.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "http/message/url.hpp"
#include "role/console/pages/common_values.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t shown_events = 300;
constexpr std::size_t max_names = 12;

struct event_kind {
    std::string_view name;
    std::string_view label;
    std::vector<std::string_view> types;
};

const std::vector<event_kind>& kinds() {
    static const std::vector<event_kind> all{
        {"health", "Health", {"lost", "back", "gone"}},
        {"drains", "Drains", {"drained", "undrained"}},
        {"registrations", "Registrations", {"registered", "replaced", "deregistered", "forgotten"}},
        {"configuration", "Configuration", {"config_put", "config_deleted", "config_restored"}},
        {"guard", "Guard", {"guard_on", "guard_off", "in_doubt"}},
    };
    return all;
}

bool is_of(const event& e, std::string_view kind) {
    const auto found = std::ranges::find(kinds(), kind, &event_kind::name);
    return found != kinds().end() && std::ranges::find(found->types, e.type) != found->types.end();
}

json::object chip_of(std::string label, std::size_t count, const event_query& then, bool is_chosen) {
    return {{"label", text(label)},
            {"count", text(grouped(static_cast<std::int64_t>(count)))},
            {"href", text("/events" + then.query())},
            {"is_chosen", is_chosen}};
}

json::array kind_chips(const std::vector<event>& all, const event_query& q) {
    json::array out;
    auto then = q;
    then.kind.clear();
    out.push_back(chip_of("All", all.size(), then, q.kind.empty()));
    for (const auto& k : kinds()) {
        const auto count = std::ranges::count_if(all, [&](const event& e) { return is_of(e, k.name); });
        if (count == 0 && q.kind != k.name) continue;
        then.kind = k.name;
        out.push_back(chip_of(std::string(k.label), static_cast<std::size_t>(count), then, q.kind == k.name));
    }
    return out;
}

// The most frequent values of a member of events; one that is chosen is always there.
json::array value_chips(const std::vector<event>& all, const event_query& q, std::string event::*member,
                        std::string event_query::*field) {
    std::map<std::string, std::size_t> counts;
    for (const auto& e : all)
        if (!(e.*member).empty()) ++counts[e.*member];
    if (!(q.*field).empty()) counts.try_emplace(q.*field, 0);
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const auto& [name, count] : counts)
        ranked.emplace_back(name == q.*field ? all.size() + 1 : count, name);
    std::ranges::sort(ranked, std::greater());
    if (ranked.size() > max_names) ranked.resize(max_names);
    json::array out;
    for (const auto& [rank, name] : ranked) {
        const bool is_chosen = name == q.*field;
        auto then = q;
        then.*field = is_chosen ? std::string() : name;
        out.push_back(chip_of(one_line(name, 40), counts[name], then, is_chosen));
    }
    return out;
}

}  // namespace

bool event_query::matches(const event& e) const {
    return (kind.empty() || is_of(e, kind)) && (name.empty() || e.name == name) &&
           (who.empty() || e.actor == who);
}

std::string event_query::query() const {
    std::string out = "?";
    http::append_parameter(out, "kind", kind);
    http::append_parameter(out, "name", name);
    http::append_parameter(out, "who", who);
    return out == "?" ? "" : out;
}

event_query read_event_query(const parameter_function& find) {
    event_query q{find("kind").value_or(""), find("name").value_or(""), find("who").value_or("")};
    if (std::ranges::find(kinds(), q.kind, &event_kind::name) == kinds().end()) q.kind.clear();
    return q;
}

live_page make_events_page(const page_snapshot& p, const event_query& q) {
    live_page page;
    page.title = "Events · distd";
    page.tone = p.registry.is_away() ? "unknown" : "well";
    page.live = "page=events" + (q.query().empty() ? "" : "&" + q.query().substr(1));
    const std::vector<event> none;
    const auto& all = p.events() ? *p.events() : none;
    page.add("chips", "chips", "chips",
             {{"states", kind_chips(all, q)},
              {"machines", value_chips(all, q, &event::name, &event_query::name)},
              {"tags", value_chips(all, q, &event::actor, &event_query::who)},
              {"ranges", json::array()}});
    auto rows = newest_events(&all, shown_events, [&](const event& e) { return q.matches(e); });
    const bool any = !rows.empty();
    page.add("timeline", "timeline", "timeline",
             {{"any", any},
              {"events", std::move(rows)},
              {"trouble", unless_empty(p.registry.trouble)},
              {"as_of", value_of(p.registry.as_of)}});
    page.add("sources", "sources", "sources", values_of_sources(p));
    return page;
}

}  // namespace distd::ops::console
