#include "client/verbs/show_text.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/settings/options_values.hpp"
#include "client/output/table.hpp"
#include "client/output/times.hpp"
#include "client/system/names.hpp"
#include "client/verbs/event_rows.hpp"
#include "client/verbs/log_rows.hpp"
#include "client/verbs/service_rows.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_events = 8;
constexpr std::size_t indent = 2;
constexpr std::size_t url_width = 40;  // addresses are what one copies: reasons give way to them

std::string section(const std::string& title, const std::string& body, const output_style& l) {
    return body.empty() ? std::string() : "\n" + l.paint(title, tone::dim) + "\n" + body;
}

std::string fact(const char* name, const std::string& value, const output_style& l) {
    if (value.empty()) return {};
    return "  " + l.paint(name, tone::dim) + std::string(13 - std::string_view(name).size(), ' ') +
           for_charset(one_line(value, 1000), l) + "\n";
}

std::string traffic_text(const service_sheet& s) {
    if (!s.traffic) return {};
    const auto found = s.traffic->services.find(s.name);
    if (found == s.traffic->services.end()) return {};
    const auto& t = found->second;
    const auto failed =
        as_percent(static_cast<double>(t.total.failures), static_cast<double>(t.total.requests));
    auto text = as_rate(t.rate).text();
    if (t.total.took.p95_us) text += ", p95 " + as_latency(t.total.took.p95_us).text();
    return text + ", " + failed.text() + " failed of " + grouped(t.total.requests) + " in the last hour";
}

std::optional<wall_point> since_of(const instance& i) {
    const auto s = state_of(i);
    if (s == instance_state::lost || s == instance_state::held) return i.since;
    return s == instance_state::drained ? i.drained_since : i.registered_at;
}

std::string instances_text(const service_sheet& s, const service_facts& f, const output_style& l,
                           wall_point now) {
    table rows({{""},
                {.title = "#", .is_number = true},
                {.title = "URL", .may_shrink = true, .min_width = url_width},
                {.title = "VERSION", .may_shrink = true},
                {.title = "WEIGHT", .is_number = true},
                {.title = "PROBE", .is_number = true},
                {.title = "FOR", .is_number = true},
                {.title = "WHY", .wraps = true}});
    const auto list = numbered(f.instances, s.name);
    for (std::size_t n = 0; n < list.size(); ++n) {
        const auto& i = list[n];
        if (!s.only_url.empty() && i.url != s.only_url) continue;
        const std::string state(to_string(state_of(i)));
        auto why = why_of(i, &s.events, now);
        if (why.starts_with(i.url)) why.erase(0, std::min(i.url.size() + 1, why.size()));
        const auto probe = i.probe_ms ? as_latency(*i.probe_ms * 1000).text() : std::string(nothing);
        rows.add({{glyph_of(state, l), tone_of(state)},
                  {std::to_string(n + 1)},
                  {one_line(i.url, 300), tone::link},
                  {for_charset(i.version.empty() ? std::string(nothing) : one_line(i.version, 100), l)},
                  {std::to_string(i.weight)},
                  {for_charset(probe, l)},
                  {for_charset(short_age_since(since_of(i), now), l)},
                  {for_charset(why, l), tone_of(state) == tone::sick ? tone::sick : tone::plain}});
    }
    return rows.empty() ? std::string() : rows.text(l, true, indent);
}

std::string routes_text(const service_sheet& s, const output_style& l) {
    if (!s.gateway) return {};
    table rows({{}, {}, {.title = "", .wraps = true}});
    for (const auto& r : s.gateway->routes)
        if (r.service == s.name)
            rows.add({{one_line(r.host + (r.prefix.empty() ? "/" : r.prefix), 300)},
                      {one_line(r.name, 200)},
                      {r.gateway, tone::dim}});
    if (std::ranges::find(s.gateway->services, s.name) != s.gateway->services.end())
        rows.add({{"/api/" + one_line(s.name, 300)}, {""}, {""}});
    for (const auto& i : s.gateway->left_out)
        if (i.service == s.name)
            rows.add({{one_line(i.url, 300)},
                      {"left out", tone::warning},
                      {for_charset(one_line(i.reason, 300), l)}});
    return rows.empty() ? std::string() : rows.text(l, false, indent);
}

std::string errors_text(const service_sheet& s, const output_style& l, wall_point now) {
    if (!s.errors_trouble.empty()) return "  " + for_charset(s.errors_trouble, l) + "\n";
    log_rows rows(log_form::brief, l);
    std::string out;
    for (auto line = s.errors.rbegin(); line != s.errors.rend(); ++line) out += "  " + rows.row(*line, now);
    return out;
}

std::string events_text(const service_sheet& s, const output_style& l, wall_point now) {
    std::vector<std::string> lines;
    for (auto e = s.events.rbegin(); e != s.events.rend() && lines.size() < max_events; ++e)
        if (e->name == s.name && (s.only_url.empty() || e->url == s.only_url))
            lines.push_back("  " + event_line(*e, s.events, l, now));
    std::string out;
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) out += *line;
    return out;
}

std::string head_of(const service_facts& f, const system_overview& t, const output_style& l, wall_point now) {
    const std::string state(f.glyph);
    auto text = l.paint(glyph_of(state, l), tone_of(state)) + " " +
                l.paint(one_line(f.name, 300), tone::bold) + "  " + std::to_string(f.up) + "/" +
                std::to_string(f.instances.size()) + " up";
    if (const auto since = client::since_of(f))
        text += for_charset(", for ", l) + short_age_since(since, now);
    text += "\n";
    const auto why = why_of(f, t, now);
    if (why.empty()) return text;
    for (const auto& line : wrap_to_width(for_charset(why, l), l.to.columns > 4 ? l.to.columns - 2 : 0))
        text += "  " + l.paint(line, f.state == service_state::sick ? tone::sick : tone::plain) + "\n";
    return text;
}

}  // namespace

std::string show_text(const service_sheet& s, const output_style& l, wall_point now) {
    const auto* const f = s.t.find(s.name);
    if (!f) return {};
    return head_of(*f, s.t, l, now) + fact("machines", joined(f->machines, ", "), l) +
           fact("versions", joined(f->versions, ", "), l) + fact("tags", joined(f->tags, ", "), l) +
           fact("requires", joined(f->required, ", "), l) +
           fact("required by", joined(s.t.required_by(s.name), ", "), l) +
           fact("gateway", traffic_text(s), l) + section("INSTANCES", instances_text(s, *f, l, now), l) +
           section("ROUTES", routes_text(s, l), l) + section("LAST ERRORS", errors_text(s, l, now), l) +
           section("EVENTS", events_text(s, l, now), l);
}

boost::json::object show_json(const service_sheet& s, wall_point now) {
    const auto* const f = s.t.find(s.name);
    if (!f) return {};
    auto out = to_json_object(*f, s.t, now);
    boost::json::array required_by, errors, events;
    for (const auto& name : s.t.required_by(s.name)) required_by.push_back(boost::json::string(name));
    out["required_by"] = std::move(required_by);
    for (const auto& line : s.errors)
        errors.push_back({{"seq", line.seq}, {"message", line.message}, {"fields", line.fields}});
    out["last_errors"] = std::move(errors);
    for (const auto& e : s.events)
        if (e.name == s.name)
            events.push_back({{"index", e.index},
                              {"type", e.type},
                              {"url", e.url},
                              {"reason", e.reason},
                              {"actor", e.actor}});
    out["events"] = std::move(events);
    return out;
}

}  // namespace distd::ops::client
