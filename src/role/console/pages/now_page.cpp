#include "role/console/pages/now_page.hpp"

#include <utility>

#include "ops/model/lack.hpp"
#include "ops/model/log_levels.hpp"
#include "role/console/draw/health_bar.hpp"
#include "role/console/draw/sparkline.hpp"
#include "role/console/model/health_words.hpp"
#include "role/console/pages/common_values.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t shown_events = 8;
constexpr std::size_t shown_machines = 3;

// Version and machines: what is grey and in the second line while a service is well.
std::string quiet_facts(const service_facts& s) {
    std::string out = listed(s.versions, 2);
    if (!out.empty()) out += " · ";
    if (s.machines.size() > shown_machines) return out + std::to_string(s.machines.size()) + " machines";
    for (std::size_t i = 0; i < s.machines.size(); ++i) out += (i > 0 ? " " : "") + s.machines[i];
    return out;
}

void add_traffic(json::object& row, const service_facts& s) {
    row["spark_svg"] = s.passed ? unless_empty(draw_sparkline(*s.passed)) : json::value(nullptr);
    const auto none = value_of(quantity{std::string(nothing), {}});
    const bool has_any = s.passed && s.passed->total.requests > 0;
    row["rate"] = s.passed ? value_of(as_rate(s.passed->rate)) : none;
    row["p95"] = has_any ? value_of(as_latency(s.passed->total.took.p95_us)) : none;
    row["failed"] = has_any ? value_of(as_percent(static_cast<double>(s.passed->total.failures),
                                                  static_cast<double>(s.passed->total.requests)))
                            : none;
}

// Below its name: why it is not well, what it requires in vain, or else what it is.
std::string second_line(const service_facts& s, const page_snapshot& p, const system_overview& t) {
    if (!s.reason.empty()) return s.reason;
    const auto lack = s.name == p.own_name ? std::string() : lack_of(s, t);
    return lack.empty() ? quiet_facts(s) : lack;
}

json::object row_of(const service_facts& s, const page_snapshot& p, const system_overview& t,
                    const service_filter& f, wall_point now) {
    json::object row;
    row["id"] = text(id_of('r', s.name));
    row["state"] = text(to_string(s.state));
    row["glyph"] = text(s.glyph);
    row["name"] = text(one_line(s.name, 120));
    row["href"] = text(url_of_service(s.name, f.range));
    row["second"] = text(one_line(second_line(s, p, t), 240));
    row["why"] = unless_empty(one_line(s.reason, 400));
    row["up"] = s.up;
    row["total"] = s.instances.size();
    row["bar_svg"] = text(draw_health_bar(s.bar, words_of(s.bar, cell_words_of(f.range))));
    add_traffic(row, s);
    const bool any_errors = s.errors.value_or(0) > 0;
    row["errors"] = any_errors ? text(grouped(*s.errors)) : json::value(nullptr);
    row["errors_href"] = any_errors ? text(url_of_log(s.name, error_levels, f.range)) : json::value(nullptr);
    row["up_since"] = value_of(s.up_since);
    row["up_for"] = s.up_since ? value_of(as_age(std::chrono::duration_cast<milliseconds>(now - *s.up_since)))
                               : value_of(quantity{std::string(nothing), {}});
    return row;
}

// What another source than the registry does not tell now, in words, and the class that greys its columns.
template <class T>
void add_absence(headline& h, std::string& classes, std::string_view name, const source_view<T>& source) {
    if (!source.is_away() || !source.as_of) return;
    h.parts.push_back({.text = std::string(name) + " unreachable, as of", .since = source.as_of});
    classes.append(" no-").append(name);
}

json::object headline_values(const headline& h, const std::string& classes) {
    json::array parts;
    for (const auto& part : h.parts)
        parts.push_back(json::object{
            {"is_next", !parts.empty()},
            {"service", unless_empty(one_line(part.service, 80))},
            {"href", part.service.empty() ? json::value(nullptr) : text(url_of_service(part.service))},
            {"text", text(one_line(part.text, 300))},
            {"since", value_of(part.since)}});
    return {{"headline_text", text(h.text)},
            {"tone", text(std::string(h.tone) + classes)},
            {"parts", std::move(parts)}};
}

json::object chip_values(const system_overview& t, const service_filter& f) {
    const auto chips = make_chips(t, f);
    return {{"states", values_of(chips.states, "/")},
            {"machines", values_of(chips.machines, "/")},
            {"tags", values_of(chips.tags, "/")},
            {"ranges", values_of(chips.ranges, "/")}};
}

json::object errors_values(const page_snapshot& p, time_range range, wall_point now) {
    json::array lines;
    if (p.latest_errors.good)
        for (const auto& l : newest_first(*p.latest_errors.good)) lines.push_back(values_of(l));
    add_short_times(lines, now);
    json::object out{{"any", !lines.empty()},
                     {"lines", std::move(lines)},
                     {"log_href", text(url_of_log({}, error_levels, range))}};
    add_source(out, p.latest_errors, no_log_service);
    return out;
}

}  // namespace

live_page make_now_page(const page_snapshot& p, const service_filter& f, wall_point now) {
    live_page page;
    const auto t = p.services(now);
    auto h = make_headline(t, p.events(), p.registry_is_away(), ops::words_of(f.range), now);
    page.title = h.title;
    page.tone = h.tone;
    page.live = "page=now" + (f.query().empty() ? "" : "&" + f.query().substr(1));
    std::string classes;
    add_absence(h, classes, "log", p.errors);
    add_absence(h, classes, "gateway", p.traffic);
    page.add("headline", "headline", "headline", headline_values(h, classes));
    page.add("chips", "chips", "chips", chip_values(t, f));
    json::array rows;
    for (const auto& s : t.services)
        if (f.matches(s)) rows.push_back(row_of(s, p, t, f, now));
    page.values["none_match"] = rows.empty() && !t.services.empty();
    page.values["range_words"] = text(ops::words_of(f.range));
    page.values["traffic_words"] = text(f.range == time_range::hour ? "Traffic" : "Traffic, 6\u00a0h");
    page.add_rows("rows", "now_row", std::move(rows));
    auto events = newest_events(p.events(), shown_events);
    add_short_times(events, now);
    const bool any_events = !events.empty();
    page.add("happened", "happened", "happened",
             {{"any", any_events},
              {"events", std::move(events)},
              {"events_href", text("/events")},
              {"trouble", unless_empty(p.registry.trouble)},
              {"as_of", value_of(p.registry.as_of)}});
    page.add("latest", "latest", "latest", errors_values(p, f.range, now));
    page.add("sources", "sources", "sources", values_of_sources(p));
    return page;
}

}  // namespace distd::ops::console
