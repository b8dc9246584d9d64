#include "role/console/pages/service_page.hpp"

#include <algorithm>
#include <utility>

#include "http/message/url.hpp"
#include "ops/answers/log_answers.hpp"
#include "ops/model/lack.hpp"
#include "ops/model/log_levels.hpp"
#include "role/console/draw/health_bar.hpp"
#include "role/console/draw/percentiles.hpp"
#include "role/console/draw/sparkline.hpp"
#include "role/console/model/health_words.hpp"
#include "role/console/pages/common_values.hpp"
#include "role/console/pages/log_values.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t shown_events = 20;
constexpr std::size_t shown_outages = 20;
constexpr std::size_t shown_keys = 20;
constexpr std::size_t titled_outages = 5;  // in the title of a bar

json::value age_value(std::optional<wall_point> since, wall_point now) {
    if (!since) return value_of(quantity{std::string(nothing), {}});
    return value_of(as_age(std::chrono::duration_cast<milliseconds>(now - *since)));
}

health_bar bar_of(const instance& i, const page_snapshot& p) {
    health_bar bar{};
    if (p.history.good)
        if (const auto found = p.history.good->find(i.url); found != p.history.good->end())
            bar = found->second;
    return bar;
}

// The same instance with what its last probe found, where that is known.
const instance& detailed(const instance& i, const service_view& v) {
    const auto found = std::ranges::find(v.details, i.url, &instance::url);
    return found == v.details.end() ? i : *found;
}

// "13:26:35–13:27:33 UTC, 58 s, answered 503": also where no table is beside it.
std::string outage_words(const outage& o, wall_point now) {
    const auto time = [&](wall_point t) {
        return (day_of(t) == day_of(now) ? "" : day_of(t) + " ") + clock_of(t);
    };
    const auto reason = o.reason.empty() ? std::string() : ", " + one_line(o.reason, 100);
    if (!o.to) return "since " + time(o.from) + " UTC" + reason;
    const auto lasted = as_age(std::chrono::duration_cast<milliseconds>(*o.to - o.from)).text();
    return time(o.from) + "–" + time(*o.to) + " UTC, " + lasted + reason;
}

// The bar in words, and below them each outage that is in it, the newest first.
std::string bar_title(const health_bar& bar, const instance& i, const service_view& v,
                      const std::vector<outage>& outages, wall_point now) {
    auto title = words_of(bar, cell_words_of(v.range));
    std::size_t shown = 0;
    for (const auto& o : outages)
        if (o.url == i.url && o.to.value_or(now) > now - span_of(v.range) && shown++ < titled_outages)
            title += "\n" + outage_words(o, now);
    return title;
}

// What stands below an instance that is not well.
void add_trouble(json::object& row, const instance& i, const service_view& v, wall_point now) {
    const auto& p = v.all;
    const auto reason = reason_of(i, p.events(), now);
    const bool repeats_url = reason.starts_with(i.url);
    row["reason"] = unless_empty(one_line(repeats_url ? reason.substr(i.url.size() + 1) : reason, 300));
    row["answer"] = unless_empty(one_line(detailed(i, v).failure_answer, 1024));
}

json::object instance_row(const instance& i, const service_view& v, const std::vector<outage>& outages,
                          wall_point now) {
    const auto state = to_string(state_of(i));
    json::object row;
    row["id"] = text(id_of('i', i.url));
    row["state"] = text(state);
    row["glyph"] = text(state);
    row["url"] = text(one_line(i.url, 300));
    row["href"] = i.url.starts_with("http") ? text(i.url) : json::value(nullptr);
    row["machine"] = text(one_line(i.machine, 80));
    row["version"] = text(i.version.empty() ? std::string(nothing) : one_line(i.version, 40));
    row["weight"] = i.weight;
    row["up_for"] = age_value(up_since(i), now);
    row["up_since"] = value_of(up_since(i));
    const auto probe_ms = detailed(i, v).probe_ms;
    row["probe"] =
        probe_ms ? value_of(as_latency(*probe_ms * 1000)) : value_of(quantity{std::string(nothing), {}});
    const auto bar = bar_of(i, v.all);
    row["bar_svg"] = text(draw_health_bar(bar, bar_title(bar, i, v, outages, now)));
    row["is_drained"] = i.is_drained;
    row["action"] = text("/services/" + http::percent_encode(v.name));
    row["who"] = text(v.who);
    row["form"] = text(v.form);
    add_trouble(row, i, v, now);
    return row;
}

json::array outage_rows(const std::vector<outage>& outages, wall_point now) {
    json::array out;
    for (const auto& o : outages) {
        if (out.size() == shown_outages) break;
        const auto lasted = std::chrono::duration_cast<milliseconds>(o.to.value_or(now) - o.from);
        out.push_back(json::object{{"url", text(one_line(o.url, 300))},
                                   {"from", value_of(o.from)},
                                   {"to", value_of(o.to)},
                                   {"lasted", text(as_age(lasted).text())},
                                   {"reason", text(one_line(o.reason, 300))}});
    }
    return out;
}

// The services one step away, with their state; one that is needed and not there is missing.
json::array neighbours(const std::vector<std::string>& names, const system_overview& t, bool are_needed) {
    json::array out;
    for (const auto& name : names) {
        const auto* const known = t.find(name);
        const bool is_away = !known || known->instances.empty();
        const bool is_missing = is_away && (known || are_needed);
        out.push_back(json::object{{"name", text(one_line(name, 80))},
                                   {"href", text(url_of_service(name))},
                                   {"glyph", text(known        ? known->glyph
                                                  : are_needed ? "sick"
                                                               : "dot")},
                                   {"state", text(is_missing ? "sick"
                                                  : is_away  ? "absent"
                                                             : to_string(known->state))},
                                   {"is_absent", is_away && !is_missing},
                                   {"is_missing", is_missing}});
    }
    return out;
}

// What a part of the page is made of when its source is away: it is greyed, and says as of when it is. A
// source that has never been there is no loss.
template <class T>
void add_absence(json::object& part, const source_view<T>& source) {
    const bool is_lost = source.is_away() && source.as_of;
    part["trouble"] = is_lost ? text(source.trouble) : json::value(nullptr);
    part["as_of"] = value_of(source.as_of);
    part["is_stale"] = is_lost;
}

// What only the console itself would like to have is not missing.
json::object graph_values(const service_facts* s, const system_overview& t, const std::string& name,
                          bool is_own) {
    auto above = neighbours(t.required_by(name), t, true);
    auto below = neighbours(s ? s->required : std::vector<std::string>(), t, !is_own);
    return {{"any", !above.empty() || !below.empty()},
            {"any_above", !above.empty()},
            {"any_below", !below.empty()},
            {"above", std::move(above)},
            {"below", std::move(below)},
            {"name", text(one_line(name, 80))},
            {"glyph", text(s ? s->glyph : "dot")},
            {"state", text(s ? to_string(s->state) : "unknown")}};
}

json::object traffic_values(const service_facts* s, const service_view& v) {
    const auto* const t = s ? s->passed : nullptr;
    json::object out{{"any", t != nullptr && t->total.requests > 0},
                     {"range_words", text(v.range == time_range::hour ? "last hour" : "last 6 hours")}};
    add_absence(out, v.all.traffic);
    if (!t) return out;
    out["rate"] = value_of(as_rate(t->rate));
    out["requests"] = text(grouped(t->total.requests));
    out["failed"] =
        value_of(as_percent(static_cast<double>(t->total.failures), static_cast<double>(t->total.requests)));
    out["failures"] = text(grouped(t->total.failures));
    out["in_flight"] = text(grouped(t->in_flight));
    out["p50"] = value_of(as_latency(t->total.took.p50_us));
    out["p95"] = value_of(as_latency(t->total.took.p95_us));
    out["p99"] = value_of(as_latency(t->total.took.p99_us));
    out["spark_svg"] = unless_empty(draw_sparkline(*t));
    out["lines_svg"] = unless_empty(draw_percentiles(*t));
    return out;
}

json::object lines_values(const service_view& v, wall_point now) {
    json::array rows;
    if (v.lines.good)
        for (const auto& l : *v.lines.good) {
            rows.push_back(values_of(l));
            rows.back().as_object()["fields"] = unless_empty(fields_of(l));
        }
    add_short_times(rows, now);
    json::object out{{"any", !rows.empty()},
                     {"lines", std::move(rows)},
                     {"log_href", text(url_of_log(v.name, {}, v.range))}};
    add_source(out, v.lines, no_log_service);
    return out;
}

json::object routes_values(const service_view& v) {
    json::array rows;
    const auto add = [&](std::string place, std::string name, const std::string& gateway) {
        rows.push_back(json::object{{"route", text(one_line(name, 80))},
                                    {"place", text(one_line(place, 200))},
                                    {"gateway", unless_empty(without_scheme(gateway))}});
    };
    if (v.gateway.good) {
        const auto& g = *v.gateway.good;
        if (std::ranges::find(g.services, v.name) != g.services.end())
            add("/api/" + http::percent_encode(v.name) + "/…", "by its name", {});
        for (const auto& r : g.routes)
            if (r.service == v.name)
                add(r.host + r.prefix + (r.prefix.ends_with('/') ? "…" : "/…"), r.name, r.gateway);
    }
    json::object out{{"any", !rows.empty()}, {"routes", std::move(rows)}};
    add_absence(out, v.gateway);
    return out;
}

json::object keys_values(const service_view& v) {
    json::array rows;
    for (const auto& key : v.keys) {
        if (rows.size() == shown_keys) break;
        rows.push_back(json::object{{"key", text(one_line(key, 200))}, {"href", text(url_of_key(key))}});
    }
    return {{"any", !rows.empty()}, {"keys", std::move(rows)}};
}

json::object head_values(const service_facts* s, const service_view& v, const system_overview& t) {
    json::array ranges;
    for (const auto r : {time_range::hour, time_range::day, time_range::month})
        ranges.push_back(json::object{{"label", text(label_of(r))},
                                      {"count", nullptr},
                                      {"href", text(url_of_service(v.name, r))},
                                      {"is_chosen", r == v.range}});
    const auto state = s ? to_string(s->state) : std::string_view("unknown");
    auto reason = s ? s->reason : std::string(no_instance);
    if (s && reason.empty() && v.name != v.all.own_name) reason = lack_of(*s, t);
    return {{"name", text(one_line(v.name, 300))},
            {"state", text(state)},
            {"glyph", text(s ? s->glyph : "dot")},
            {"up", s ? s->up : 0},
            {"total", s ? s->instances.size() : 0},
            {"reason", unless_empty(one_line(reason, 300))},
            {"versions", unless_empty(s ? one_line(listed(s->versions, 3), 100) : std::string())},
            {"errors", s && s->errors.value_or(0) > 0 ? text(grouped(*s->errors)) : json::value(nullptr)},
            {"errors_href", text(url_of_log(v.name, error_levels, v.range))},
            {"away", unless_empty(v.all.registry.trouble)},
            {"as_of", value_of(v.all.registry.as_of)},
            {"ranges", std::move(ranges)}};
}

}  // namespace

live_page make_service_page(const service_view& v, wall_point now) {
    live_page page;
    const auto t = v.all.services(now);
    const auto* const s = t.find(v.name);
    page.status = s || v.all.registry.is_away() ? 200 : 404;
    page.title = one_line(v.name, 80) + (s && s->state == service_state::sick ? " ▲" : "") + " · distd";
    page.tone = v.all.registry.is_away() ? "unknown" : s && s->state == service_state::sick ? "sick" : "well";
    page.live =
        "page=service&name=" + http::percent_encode(v.name) + "&range=" + std::string(to_string(v.range));
    page.add("service_head", "head", "service_head", head_values(s, v, t));
    page.values["notice"] = v.notice
                                ? json::value(json::object{{"undo", unless_empty(v.notice->token)},
                                                           {"words", text(v.notice->words)},
                                                           {"back", text(url_of_service(v.name, v.range))}})
                                : json::value(nullptr);
    page.values["is_unknown"] = !s;
    page.values["is_missing"] = s && s->instances.empty();
    page.values["missing_words"] =
        s ? text("Nobody offers " + one_line(v.name, 300) + ". " + listed(s->missed_by, 3) +
                 (s->missed_by.size() == 1 ? " requires it" : " require it"))
          : json::value(nullptr);
    page.values["range_words"] = text(ops::words_of(v.range));
    const auto outages = v.all.events() ? outages_of(v.name, *v.all.events()) : std::vector<outage>();
    json::array rows;
    if (s)
        for (const auto& i : s->instances) rows.push_back(instance_row(i, v, outages, now));
    page.add_rows("rows", "instance_row", std::move(rows));
    page.add("outages", "outages", "outages",
             {{"any", !outages.empty()}, {"outages", outage_rows(outages, now)}});
    auto graph = graph_values(s, t, v.name, v.name == v.all.own_name);
    add_absence(graph, v.all.registry);
    page.add("graph", "graph", "graph", std::move(graph));
    page.add("passed", "passed", "passed", traffic_values(s, v));
    page.add("last_lines", "last-lines", "last_lines", lines_values(v, now));
    page.add("routes", "routes", "routes", routes_values(v));
    page.add("keys", "keys", "keys", keys_values(v));
    auto events =
        newest_events(v.all.events(), shown_events, [&](const event& e) { return e.name == v.name; });
    add_short_times(events, now);
    const bool any_events = !events.empty();
    page.add("happened", "happened", "happened",
             {{"any", any_events},
              {"events", std::move(events)},
              {"events_href", text("/events?name=" + http::percent_encode(v.name))},
              {"trouble", unless_empty(v.all.registry.trouble)},
              {"as_of", value_of(v.all.registry.as_of)}});
    page.add("sources", "sources", "sources", values_of_sources(v.all));
    return page;
}

}  // namespace distd::ops::console
