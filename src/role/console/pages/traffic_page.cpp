#include "role/console/pages/traffic_page.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "http/message/url.hpp"
#include "ops/model/log_levels.hpp"
#include "role/console/draw/columns.hpp"
#include "role/console/draw/percentiles.hpp"
#include "role/console/draw/sparkline.hpp"
#include "role/console/pages/common_values.hpp"

namespace distd::ops::console {
namespace {

json::value latency_of(std::optional<std::int64_t> microseconds) {
    if (!microseconds) return nullptr;
    return value_of(std::optional<quantity>(as_latency(static_cast<double>(*microseconds))));
}

json::value some(quantity q) { return value_of(std::optional<quantity>(std::move(q))); }

void add_figures(json::object& row, const traffic& t) {
    row["requests"] = text(grouped(t.total.requests));
    row["failed"] =
        some(as_percent(static_cast<double>(t.total.failures), static_cast<double>(t.total.requests)));
    row["has_failures"] = t.total.failures > 0;
    row["retries"] = t.total.retries ? text(grouped(*t.total.retries)) : json::value(nullptr);
    row["p50"] = latency_of(t.total.took.p50_us);
    row["p95"] = latency_of(t.total.took.p95_us);
    row["p99"] = latency_of(t.total.took.p99_us);
}

// What a gateway says of the instances of a service, together.
struct upstream_sum {
    std::size_t instances = 0;
    std::size_t ejected = 0;
    std::size_t left_out = 0;
    std::int64_t in_flight = 0;
};

std::map<std::string, upstream_sum> sums_of(const gateway_state& g) {
    std::map<std::string, upstream_sum> out;
    for (const auto& name : g.services) out[name];
    for (const auto& i : g.instances) {
        auto& sum = out[i.service];
        ++sum.instances;
        sum.ejected += i.state == "ejected" ? 1 : 0;
        sum.in_flight += i.in_flight;
    }
    for (const auto& l : g.left_out) ++out[l.service].left_out;
    return out;
}

// What the gateway says, and behind it why the registry takes instances out: the gateway hears only that they
// are gone.
std::string state_words(const upstream_sum& sum, bool is_panicking, const service_facts* s) {
    std::string out;
    const auto add = [&out](const std::string& words) {
        if (!words.empty()) out += (out.empty() ? "" : ", ") + words;
    };
    const auto count = [](std::size_t n, const char* word) {
        return n > 0 ? std::to_string(n) + " " + word : std::string();
    };
    if (is_panicking)
        add("all are ejected, so all are used");
    else
        add(count(sum.ejected, "ejected"));
    add(count(sum.left_out, "left out"));
    add(s ? s->reason : std::string());
    return out.empty() && sum.instances == 0 ? "no instance" : out;
}

// Of both judgements the worse one: the gateway's, and the registry's where that knows of trouble.
std::string_view glyph_of(const upstream_sum& sum, bool is_panicking, const service_facts* s) {
    if (is_panicking || sum.ejected > 0) return "sick";
    if (s && !s->reason.empty()) return s->glyph;
    return sum.instances == 0 ? "sick" : "well";
}

json::array service_rows(const traffic_view& v, const system_overview& t) {
    json::array out;
    if (!v.gateway.good) return out;
    const auto& panicking = v.gateway.good->panicking;
    for (const auto& [name, sum] : sums_of(*v.gateway.good)) {
        const bool is_panicking = std::ranges::find(panicking, name) != panicking.end();
        auto then = v;
        then.service = name == v.service ? std::string() : name;
        const auto* const facts = t.find(name);
        const auto glyph = glyph_of(sum, is_panicking, facts);
        const auto total = std::max(sum.instances, facts ? facts->instances.size() : 0);
        json::object row{{"id", text(id_of('t', name))},
                         {"name", text(one_line(name, 120))},
                         {"href", text(then.address())},
                         {"glyph", text(glyph)},
                         {"state", text(glyph == "held" ? "sick" : glyph)},
                         {"is_chosen", name == v.service},
                         {"second", unless_empty(one_line(state_words(sum, is_panicking, facts), 240))},
                         {"up", text(std::to_string(sum.instances - sum.ejected))},
                         {"total", text(std::to_string(total))},
                         {"in_flight", text(grouped(sum.in_flight))},
                         {"spark_svg", nullptr}};
        const auto* const history = v.history.good.get();
        const auto found =
            history ? history->services.find(name) : std::map<std::string, traffic>::const_iterator{};
        if (history && found != history->services.end()) {
            const auto& passed = found->second;
            add_figures(row, passed);
            row["rate"] = some(as_rate(passed.rate));
            if (auto spark = draw_sparkline(passed); !spark.empty()) row["spark_svg"] = text(spark);
        }
        out.push_back(std::move(row));
    }
    return out;
}

json::array instance_rows(const traffic_view& v) {
    json::array out;
    if (!v.gateway.good) return out;
    for (const auto& i : v.gateway.good->instances) {
        if (!v.service.empty() && i.service != v.service) continue;
        const bool is_ejected = i.state == "ejected";
        auto state = i.state;
        if (is_ejected) state += " for " + std::to_string(i.ejected_for_s) + "\u202fs more";
        out.push_back(json::object{
            {"service", text(one_line(i.service, 80))},
            {"service_href", text(url_of_service(i.service))},
            {"url", text(one_line(without_scheme(i.url), 200))},
            {"glyph", is_ejected             ? "sick"
                      : i.state == "warming" ? "starting"
                                             : "well"},
            {"state", text(one_line(state, 60))},
            {"is_ejected", is_ejected},
            {"version", text(one_line(i.version, 40))},
            {"in_flight", text(grouped(i.in_flight))},
            {"streams", text(grouped(i.streams))},
            {"requests", text(grouped(i.requests))},
            {"failed", some(as_percent(static_cast<double>(i.failed), static_cast<double>(i.requests)))},
            {"ejections", text(grouped(i.ejections))}});
    }
    return out;
}

json::array left_out_rows(const traffic_view& v) {
    json::array out;
    if (!v.gateway.good) return out;
    std::set<std::pair<std::string, std::string>> shown;  // once for all portals
    for (const auto& l : v.gateway.good->left_out) {
        if (!v.service.empty() && l.service != v.service) continue;
        if (!shown.emplace(l.url, l.reason).second) continue;
        out.push_back(json::object{{"service", text(one_line(l.service, 80))},
                                   {"url", text(one_line(without_scheme(l.url), 200))},
                                   {"reason", text(one_line(l.reason, 300))}});
    }
    return out;
}

json::array route_rows(const traffic_view& v) {
    json::array out;
    if (!v.gateway.good) return out;
    std::set<std::string> shown;
    for (const auto& r : v.gateway.good->routes) {
        if (!v.service.empty() && r.service != v.service) continue;
        if (!shown.insert(r.name).second) continue;
        out.push_back(
            json::object{{"place", text(one_line(r.host + (r.prefix.empty() ? "/…" : r.prefix), 200))},
                         {"service", text(one_line(r.service, 80))},
                         {"service_href", text(url_of_service(r.service))},
                         {"key_href", text(url_of_key("gateway/routes/" + r.name))},
                         {"name", text(one_line(r.name, 80))}});
    }
    return out;
}

json::array error_rows(const traffic_view& v) {
    json::array out;
    if (!v.gateway.good) return out;
    std::set<std::string> shown;
    for (const auto& e : v.gateway.good->errors) {
        if (!shown.insert(e).second) continue;
        const auto key = e.substr(0, e.find(": "));
        const bool has_key = key.starts_with("gateway/") && key.size() < e.size();
        out.push_back(json::object{{"key", has_key ? text(key) : json::value(nullptr)},
                                   {"key_href", text(url_of_key(key))},
                                   {"words", text(one_line(has_key ? e.substr(key.size()) : e, 400))}});
    }
    if (const auto& trouble = v.gateway.good->registry_trouble; !trouble.empty())
        out.push_back(json::object{
            {"key", nullptr}, {"words", text(one_line("The registry is unreachable from " + trouble, 400))}});
    return out;
}

json::object charts_of(const traffic_view& v) {
    json::object out{{"name", text(one_line(v.service, 120))},
                     {"service_href", text(url_of_service(v.service))},
                     {"log_href", text(url_of_log(v.service, error_levels, time_range::hour))},
                     {"any", false}};
    if (!v.history.good) return out;
    const auto found = v.history.good->services.find(v.service);
    if (found == v.history.good->services.end() || found->second.steps.empty()) return out;
    const auto& t = found->second;
    std::vector<stacked_column> columns;
    std::int64_t busiest = 0;
    for (const auto& s : t.steps) {
        columns.push_back({s.failures, 0, std::max<std::int64_t>(s.requests - s.failures, 0)});
        busiest = std::max(busiest, s.requests);
    }
    out["any"] = true;
    add_figures(out, t);
    out["in_flight"] = text(grouped(t.in_flight));
    out["rate"] = some(as_rate(t.rate));
    out["busiest"] =
        some(as_rate(static_cast<double>(busiest) / static_cast<double>(v.history.good->step_seconds)));
    out["columns_svg"] = text(draw_columns(columns, "requests over time, failed ones on top"));
    const auto lines = draw_percentiles(t);
    out["lines_svg"] = lines.empty() ? json::value(nullptr) : text(lines);
    return out;
}

// Without one of them it is not known whether all is well.
std::string_view tone_of(const traffic_view& v) {
    return v.gateway.is_lost() || v.all.registry.is_away() ? "unknown" : "well";
}

json::object head_of(const traffic_view& v, std::size_t services) {
    json::object out{{"registry_trouble", unless_empty(v.all.registry.trouble)},
                     {"registry_as_of", value_of(v.all.registry.as_of)}};
    add_source(out, v.gateway, "A portal passes requests on to services, and tells what passed it here");
    std::optional<double> rate;
    if (v.history.good)
        for (const auto& [name, t] : v.history.good->services)
            if (t.rate) rate = rate.value_or(0) + *t.rate;
    const auto ejected =
        v.gateway.good ? std::ranges::count(v.gateway.good->instances, "ejected", &upstream_instance::state)
                       : 0;
    auto words = counted(services, "service", "services") + " behind the gateway";
    if (rate) words += ", " + as_rate(rate).text();
    if (ejected > 0)
        words += ", " + counted(static_cast<std::size_t>(ejected), "instance", "instances") + " ejected";
    if (!v.gateway.good)
        words = v.gateway.is_absent() ? "No gateway is registered" : "The gateway is not known";
    out["words"] = text(words);
    out["tone"] = text(tone_of(v));
    json::array ranges;
    for (const bool six : {false, true}) {
        auto then = v;
        then.shows_six_hours = six;
        ranges.push_back(json::object{{"label", six ? "6\u202fh" : "1\u202fh"},
                                      {"count", nullptr},
                                      {"href", text(then.address())},
                                      {"is_chosen", six == v.shows_six_hours}});
    }
    out["ranges"] = std::move(ranges);
    return out;
}

json::object list_of(json::array rows, const traffic_view& v) {
    const bool any = !rows.empty();
    return {{"any", any}, {"rows", std::move(rows)}, {"of_service", unless_empty(one_line(v.service, 80))}};
}

}  // namespace

std::string traffic_view::address() const {
    std::string out = "/traffic?";
    http::append_parameter(out, "service", service);
    if (shows_six_hours) http::append_parameter(out, "range", "6h");
    if (out.ends_with('?')) out.pop_back();
    return out;
}

live_page make_traffic_page(const traffic_view& v, wall_point now) {
    live_page page;
    page.title = (v.service.empty() ? "Traffic" : one_line(v.service, 80) + " · Traffic") + " · distd";
    page.tone = tone_of(v);
    const auto address = v.address();
    const auto parameters = address.find('?');
    page.live = "page=traffic" + (parameters == address.npos ? "" : "&" + address.substr(parameters + 1));
    auto rows = service_rows(v, v.all.services(now));
    const auto is_sick = [](const json::value& row) { return row.at("state") == "sick"; };
    if (page.tone == "well" && std::ranges::any_of(rows, is_sick)) page.tone = "sick";
    page.values["none"] = rows.empty();
    page.values["range_words"] = v.shows_six_hours ? "last six hours" : "last hour";
    page.add("traffic_head", "traffic-head", "traffic_head", head_of(v, rows.size()));
    page.add("traffic_errors", "traffic-errors", "traffic_errors", list_of(error_rows(v), v));
    page.add_rows("rows", "traffic_row", std::move(rows));
    if (!v.service.empty()) page.add("charts", "charts", "charts", charts_of(v));
    page.add("upstreams", "upstreams", "upstreams", list_of(instance_rows(v), v));
    page.add("left_out", "left-out", "left_out", list_of(left_out_rows(v), v));
    page.add("gateway_routes", "gateway-routes", "gateway_routes", list_of(route_rows(v), v));
    page.add("sources", "sources", "sources", values_of_sources(v.all));
    return page;
}

}  // namespace distd::ops::console
