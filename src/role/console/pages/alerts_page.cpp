#include "role/console/pages/alerts_page.hpp"

#include <algorithm>

#include "http/message/url.hpp"
#include "role/console/pages/common_values.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t max_listed = 8;  // services in a sentence
constexpr std::size_t max_rows = 20;   // of what waits
constexpr std::size_t max_text = 200;

std::string words_of(const alert_attempt& a) {
    auto out =
        a.what == "test" ? std::string("a test") : one_line(a.service, 80) + " " + one_line(a.what, 20);
    if (!a.reason.empty()) return out + ": " + one_line(a.reason, max_text);
    return a.status > 0 ? out + ", answered " + std::to_string(a.status) : out;
}

json::value value_of_attempt(const std::optional<alert_attempt>& a) {
    if (!a) return nullptr;
    return json::object{{"at", value_of(a->at)}, {"words", text(words_of(*a))}};
}

// "lost and back of cart and pay*, and the guard".
std::string subject_of(const alert_facts& a) {
    const bool is_of_all = std::ranges::find(a.services, "*") != a.services.end();
    std::vector<std::string> names;
    for (const auto& s : a.services) names.push_back(one_line(s, 60));
    auto kinds = a.on;
    const bool has_guard = std::erase(kinds, "guard") > 0;
    if (kinds.empty()) return "the guard against mass failures";
    return listed(kinds, kinds.size()) + " of " + (is_of_all ? "all services" : listed(names, max_listed)) +
           (has_guard ? ", and the guard" : "");
}

json::array rows_of(const alert_facts& a) {
    json::array out;
    for (const auto& w : a.pending) {
        if (out.size() == max_rows) break;
        const auto words =
            w.tries == 0 ? std::string("to be sent")
                         : "sent " + counted(static_cast<std::size_t>(w.tries), "time", "times") + " in vain";
        out.push_back(json::object{{"service", text(one_line(w.service, 80))},
                                   {"what", text(one_line(w.what, 20))},
                                   {"since", value_of(w.since)},
                                   {"state", text(words)},
                                   {"due", nullptr}});
    }
    for (const auto& h : a.held) {
        if (out.size() == max_rows) break;
        out.push_back(json::object{{"service", text(one_line(h.service, 80))},
                                   {"what", text("lost")},
                                   {"since", value_of(h.since)},
                                   {"state", text("told if it lasts")},
                                   {"due", value_of(h.due)}});
    }
    return out;
}

json::object values_of(const alert_facts& a, const std::string& form) {
    auto rows = rows_of(a);
    return {{"anchor", text(id_of('a', a.name))},
            {"name", text(one_line(a.name, 64))},
            {"config_href", text(url_of_key("alerts/" + a.name))},
            {"test_action", text("/alerts/" + http::percent_encode(a.name) + "/test")},
            {"form", text(form)},
            {"fault", unless_empty(one_line(a.fault, 400))},
            {"is_used", a.fault.empty()},
            {"subject", text(subject_of(a))},
            {"place", text(a.method + " " + one_line(a.url, max_text))},
            {"after", text(a.after)},
            {"again", text(a.again == "0s" ? "never" : a.again)},
            {"delivered", text(grouped(a.delivered))},
            {"failed", text(grouped(a.failed))},
            {"pending", text(grouped(a.pending_count))},
            {"last_delivery", value_of_attempt(a.last_delivery)},
            {"failure", value_of_attempt(a.failure)},
            {"is_failing", a.is_failing()},
            {"next_try", value_of(a.next_try)},
            {"any_rows", !rows.empty()},
            {"rows", std::move(rows)}};
}

std::string headline_of(const std::vector<alert_facts>& all) {
    if (all.empty()) return "No alerts";
    const auto failing = std::ranges::count_if(all, &alert_facts::is_failing);
    if (failing == 0) return counted(all.size(), "alert", "alerts");
    if (all.size() == 1) return "The only alert does not arrive";
    return std::to_string(failing) + " of " + counted(all.size(), "alert", "alerts") +
           (failing == 1 ? " does not arrive" : " do not arrive");
}

}  // namespace

live_page make_alerts_page(const alerts_view& v) {
    live_page page;
    const std::vector<alert_facts> none;
    const auto& all = v.alerts.good ? *v.alerts.good : none;
    const bool is_sick = std::ranges::any_of(all, &alert_facts::is_failing);
    const auto words = v.alerts.good ? headline_of(all) : std::string("Alerts");
    page.title = words + " · distd";
    page.tone = v.alerts.is_away() ? "unknown" : is_sick ? "sick" : "well";
    page.live = "page=alerts";
    page.add("alerts_head", "alerts-head", "alerts_head",
             {{"words", text(words)},
              {"tone", text(page.tone)},
              {"trouble", unless_empty(v.alerts.trouble)},
              {"as_of", value_of(v.alerts.as_of)}});
    json::array rows;
    for (const auto& a : all) rows.push_back(values_of(a, v.form));
    const bool any = !rows.empty();
    page.add("alert_list", "alert-list", "alert_list",
             {{"alerts", std::move(rows)}, {"none", v.alerts.good && !any}});
    page.add("sources", "sources", "sources", values_of_sources(v.all));
    return page;
}

}  // namespace distd::ops::console
