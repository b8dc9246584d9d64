#include "role/console/pages/common_values.hpp"

#include <algorithm>
#include <tuple>

#include "base/timestamp.hpp"
#include "http/message/url.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t max_reason = 200;   // characters of an event's text
constexpr std::size_t max_message = 400;  // of a line

}  // namespace

json::value value_of(const std::optional<quantity>& q) {
    if (!q) return nullptr;
    const bool has_gap = !q->unit.empty() && !q->unit.starts_with('/');
    return json::object{{"number", text(q->number)}, {"unit", text((has_gap ? "\u202f" : "") + q->unit)}};
}

json::value value_of(std::optional<wall_point> when) {
    if (!when) return nullptr;
    return json::object{
        {"iso", text(rfc3339(*when))}, {"clock", text(clock_of(*when))}, {"day", text(day_of(*when))}};
}

std::string url_of_service(std::string_view name, time_range range) {
    auto url = "/services/" + http::percent_encode(name);
    if (range != time_range::hour) url += "?range=" + std::string(to_string(range));
    return url;
}

std::string url_of_key(std::string_view key) { return "/config/" + http::percent_encode(key); }

std::string url_of_log(std::string_view service, std::string_view levels, time_range range) {
    std::string url = "/logs?";
    http::append_parameter(url, "service", service);
    if (!levels.empty()) url.append(url.ends_with('?') ? "" : "&").append("level=").append(levels);
    http::append_parameter(url, "range", to_string(range));
    return url;
}

json::object values_of(const event& e, const std::vector<event>& all) {
    const auto words = describe(e, all);
    return {{"at", value_of(e.at)},
            {"glyph", text(words.glyph)},
            {"subject", unless_empty(one_line(words.subject, 80))},
            {"href", words.subject.empty() ? json::value(nullptr) : text(url_of_service(words.subject))},
            {"key", unless_empty(words.key)},
            {"key_href", text(url_of_key(words.key))},
            {"text", text(one_line(words.text, max_reason))},
            {"actor", unless_empty(one_line(e.actor, 80))}};
}

json::array newest_events(const std::vector<event>* all, std::size_t max,
                          const std::function<bool(const event&)>& wanted) {
    json::array out;
    if (!all) return out;
    for (auto e = all->rbegin(); e != all->rend() && out.size() < max; ++e)
        if (!wanted || wanted(*e)) out.push_back(values_of(*e, *all));
    return out;
}

json::object values_of(const log_line& l) {
    auto link = url_of_log(l.service, l.level, time_range::hour) + "&line=" + std::to_string(l.seq);
    const auto letter =
        l.level.empty() ? std::string("I") : std::string(1, static_cast<char>(l.level[0] - 'a' + 'A'));
    return {{"at", value_of(l.at)},
            {"level", text(l.level.empty() ? "info" : l.level)},
            {"letter", text(letter)},
            {"service", text(one_line(l.service, 80))},
            {"message", text(one_line(l.message, max_message))},
            {"trace", unless_empty(l.trace)},
            {"href", text(link)}};
}

std::vector<log_line> newest_first(std::vector<log_line> lines) {
    std::ranges::sort(lines, [](const log_line& a, const log_line& b) {
        return std::tie(a.at, a.seq) > std::tie(b.at, b.seq);
    });
    return lines;
}

void add_short_times(json::array& rows, wall_point now) {
    const auto today = day_of(now);
    for (auto& row : rows) {
        auto& at = row.as_object()["at"];
        if (!at.is_object()) continue;
        const auto day = std::string(at.at("day").as_string());
        const auto clock = std::string(at.at("clock").as_string());
        at.as_object()["short"] = text(day == today ? clock : day.substr(std::string_view("2026-").size()));
    }
}

json::array values_of(const std::vector<chip>& chips, std::string_view path) {
    json::array out;
    for (const auto& c : chips)
        out.push_back(json::object{
            {"label", text(c.label)},
            {"count", c.count ? text(grouped(static_cast<std::int64_t>(*c.count))) : json::value(nullptr)},
            {"href", text(std::string(path) + c.query)},
            {"is_chosen", c.is_chosen}});
    return out;
}

json::object values_of_sources(const page_snapshot& p) {
    json::array out;
    const auto add = [&](std::string_view name, std::string_view address, std::optional<wall_point> as_of,
                         const std::string& trouble) {
        // Without one that has never been there a page is complete, too: it shows dashes.
        if (!trouble.empty() && !as_of && address.empty() && name != "registry") return;
        out.push_back(json::object{{"source", text(name)},
                                   {"address", text(without_scheme(address))},
                                   {"as_of", value_of(as_of)},
                                   {"trouble", unless_empty(trouble)}});
    };
    add("registry", p.registry_address, p.registry.as_of, p.registry.trouble);
    add("log", p.log_address, p.errors.as_of, p.errors.trouble);
    add("gateway", p.gateway_address, p.traffic.as_of, p.traffic.trouble);
    return {{"list", std::move(out)}};
}

void show_state_in_tab(live_page& page, const page_snapshot& p, wall_point now) {
    if (page.live.empty())
        page.live = std::string("page=") + tab_stream + "&title=" + http::percent_encode(page.title);
    const auto h = make_headline(p.services(now), p.events(), p.registry_is_away(), {}, now);
    if (h.tone == "well") return;
    page.title = h.state + " · " + page.title;
    if (page.tone != "unknown") page.tone = h.tone;
}

}  // namespace distd::ops::console
