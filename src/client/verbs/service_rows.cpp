#include "client/verbs/service_rows.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <distd/json.hpp>

#include "base/settings/options_values.hpp"
#include "base/timestamp.hpp"
#include "client/output/times.hpp"
#include "ops/model/lack.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

namespace json = boost::json;

constexpr std::size_t max_answer = 200;  // characters of a failing answer

// "http://10.0.0.7:8100 answered 503: pool exhausted".
std::string why_lost(const instance& i) {
    const bool says_what = i.reason.starts_with("answered") || i.reason.starts_with("no ");
    auto text = i.url + (says_what ? " " : " lost") + (i.is_guarded ? " (still offered)" : "");
    if (says_what)
        text += i.reason;
    else if (!i.reason.empty())
        text += ": " + i.reason;
    if (!i.failure_answer.empty()) text += ": " + one_line(i.failure_answer, max_answer);
    text.erase(text.find_last_not_of(" \r\n") + 1);
    return one_line(text, 1000);
}

bool is_lost(const instance& i) {
    return state_of(i) == instance_state::lost || state_of(i) == instance_state::held;
}

json::value texts(const std::vector<std::string>& all) {
    json::array out;
    for (const auto& one : all) out.push_back(json::string(one));
    return out;
}

void add_time(json::object& to, std::string_view name, std::optional<wall_point> when) {
    if (when) to[name] = rfc3339(*when);
}
void add_text(json::object& to, std::string_view name, const std::string& text) {
    if (!text.empty()) to[name] = text;
}

}  // namespace

std::string why_of(const instance& i, const std::vector<event>* events, wall_point now) {
    return is_lost(i) ? why_lost(i) : one_line(reason_of(i, events, now), 1000);
}

std::string why_of(const service_facts& s, const system_overview& t, wall_point) {
    if (s.instances.empty() || !is_lost(s.instances.front()))
        return s.reason.empty() ? lack_of(s, t) : one_line(s.reason, 1000);
    const auto lost = static_cast<std::size_t>(std::ranges::count_if(s.instances, is_lost));
    return why_lost(s.instances.front()) + (lost > 1 ? "; " + std::to_string(lost - 1) + " more" : "");
}

std::optional<wall_point> since_of(const service_facts& s) {
    if (s.instances.empty()) return std::nullopt;
    const auto& first = s.instances.front();
    if (s.state == service_state::sick) return first.since;
    return s.state == service_state::drained ? first.drained_since : s.up_since;
}

table make_service_table() {
    return table({{""},
                  {.title = "SERVICE", .may_shrink = true},
                  {.title = "UP", .is_number = true},
                  {.title = "VERSION", .may_shrink = true},
                  {.title = "ERRORS", .is_number = true},
                  {.title = "FOR", .is_number = true},
                  {.title = "WHY", .wraps = true}});
}

std::vector<cell> service_row(const service_facts& s, const system_overview& t, const output_style& l,
                              wall_point now) {
    const auto state = std::string(s.glyph);
    const auto why_tone = s.state == service_state::sick ? tone::sick : tone::plain;
    return {
        {glyph_of(state, l), tone_of(state)},
        {one_line(s.name, 200), s.state == service_state::sick ? tone::bold : tone::plain},
        {std::to_string(s.up) + "/" + std::to_string(s.instances.size())},
        {for_charset(s.versions.empty() ? std::string(nothing) : one_line(joined(s.versions, ","), 200), l)},
        {for_charset(s.errors ? std::to_string(*s.errors) : std::string(nothing), l)},
        {for_charset(short_age_since(since_of(s), now), l)},
        {for_charset(why_of(s, t, now), l), why_tone}};
}

std::string summary_of(const std::vector<const service_facts*>& all) {
    const auto count = [&](service_state which) {
        return std::to_string(std::ranges::count_if(all, [&](const auto* s) { return s->state == which; }));
    };
    const auto starting = count(service_state::starting);
    return counted(all.size(), "service", "services") + ": " + count(service_state::sick) + " sick, " +
           count(service_state::drained) + " drained, " + (starting == "0" ? "" : starting + " starting, ") +
           count(service_state::well) + " well";
}

json::object to_json_object(const instance& i) {
    json::object out;
    out["url"] = i.url;
    out["state"] = json::string(to_string(state_of(i)));
    out["health"] = i.health;
    out["weight"] = i.weight;
    add_text(out, "version", i.version);
    add_text(out, "zone", i.zone);
    add_time(out, "since", i.since);
    add_text(out, "reason", i.reason);
    add_text(out, "failure_answer", i.failure_answer);
    if (i.is_drained) out["drained"] = true;
    add_time(out, "drained_since", i.drained_since);
    add_text(out, "drain_reason", i.drain_reason);
    add_time(out, "registered_at", i.registered_at);
    if (i.probe_ms) out["probe_ms"] = *i.probe_ms;
    return out;
}

json::object to_json_object(const service_facts& s, const system_overview& t, wall_point now) {
    json::object out;
    out["name"] = s.name;
    out["state"] = json::string(to_string(s.state));
    out["up"] = s.up;
    json::array instances;
    for (const auto& i : s.instances) instances.push_back(to_json_object(i));
    out["instances"] = std::move(instances);
    out["versions"] = texts(s.versions);
    out["machines"] = texts(s.machines);
    out["tags"] = texts(s.tags);
    out["requires"] = texts(s.required);
    if (s.errors) out["errors"] = *s.errors;
    add_time(out, "since", since_of(s));
    add_text(out, "why", why_of(s, t, now));
    return out;
}

}  // namespace distd::ops::client
