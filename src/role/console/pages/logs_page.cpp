#include "role/console/pages/logs_page.hpp"

#include <algorithm>

#include "base/timestamp.hpp"
#include "http/message/url.hpp"
#include "ops/model/log_levels.hpp"
#include "role/console/draw/columns.hpp"
#include "role/console/pages/log_values.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t max_value = 64'000;   // characters of a field beside the list
constexpr std::size_t max_condition = 200;  // of a value that a filter is made of

// The levels that lines of the range have, each a switch.
json::array level_chips(const log_query& q, const log_counts* counts) {
    json::array out;
    for (const auto level : log_levels) {
        std::int64_t count = 0;
        if (counts)
            for (const auto& row : counts->rows) count += row.level == level ? row.count : 0;
        const bool is_chosen = q.has(level);
        const bool is_common = level == "error" || level == "warn" || level == "info";
        if (count == 0 && !is_chosen && !is_common) continue;
        auto then = q;
        then.before = then.around = 0;
        if (is_chosen)
            std::erase(then.levels, level);
        else
            then.levels.emplace_back(level);
        out.push_back(json::object{{"label", text(level)},
                                   {"level", text(level)},
                                   {"count", counts ? text(grouped(count)) : json::value(nullptr)},
                                   {"href", text(then.address())},
                                   {"is_chosen", is_chosen}});
    }
    return out;
}

json::array span_chips(const log_query& q) {
    json::array out;
    for (const auto span : log_spans) {
        auto then = q;
        then.from.clear();
        then.to.clear();
        then.before = then.around = 0;
        then.span = span;
        const auto at = span.find_first_not_of("0123456789");
        const auto unit = span.substr(at) == "m" ? std::string_view("min") : span.substr(at);
        out.push_back(
            json::object{{"label", text(std::string(span.substr(0, at)) + "\u202f" + std::string(unit))},
                         {"count", nullptr},
                         {"href", text(then.address())},
                         {"is_chosen", q.to.empty() && q.span == span}});
    }
    return out;
}

// Conditions of the address that stand in no box: each is taken away by its link.
json::array extra_chips(const log_query& q) {
    json::array out;
    const auto add = [&](std::string label, log_query then) {
        then.before = 0;
        out.push_back(json::object{{"label", text(one_line(label, 60))}, {"href", text(then.address())}});
    };
    auto then = q;
    if (!q.service.empty()) then.service.clear(), add("service " + q.service, then);
    then = q;
    if (!q.trace.empty()) then.trace.clear(), add("trace " + q.trace, then);
    then = q;
    if (q.ignores_case) then.ignores_case = false, add("any case", then);
    then = q;
    if (q.around > 0) then.around = 0, add("around line " + std::to_string(q.around), then);
    then = q;
    if (!q.to.empty()) {
        then.from.clear();
        then.to.clear();
        add(q.from.substr(0, 10) + " " + q.from.substr(11, 8) + " – " + q.to.substr(11, 8) + " UTC", then);
    }
    return out;
}

json::object bar_of(const logs_view& v) {
    const auto& q = v.query;
    auto other = q;
    other.before = other.around = 0;
    other.from.clear();
    other.to.clear();
    std::uint64_t newest = 0;
    if (v.lines.good)
        for (const auto& l : *v.lines.good) newest = std::max(newest, l.seq);
    if (q.follows()) other.before = newest + 1;
    return {{"levels", level_chips(q, v.counts.good.get())},
            {"spans", span_chips(q)},
            {"extra", extra_chips(q)},
            {"follows", q.follows()},
            {"other_href", text(other.address())}};
}

std::string column_title(const stacked_column& c, wall_point from) {
    auto out = rfc3339(from).substr(11, 5) +
               " UTC: " + counted(static_cast<std::size_t>(c.total()), "line", "lines");
    if (c.failed > 0) out += ", " + counted(static_cast<std::size_t>(c.failed), "error", "errors");
    if (c.warned > 0) out += ", " + counted(static_cast<std::size_t>(c.warned), "warning", "warnings");
    return out;
}

std::vector<stacked_column> columns_of(const log_counts& counts, const time_window& w, const log_query& q) {
    std::vector<stacked_column> out(w.steps());
    for (const auto& row : counts.rows) {
        if (!row.at || *row.at < w.from || (!q.levels.empty() && !q.has(row.level))) continue;
        const auto at = static_cast<std::size_t>((*row.at - w.from) / w.step);
        if (at >= out.size()) continue;
        (is_error_level(row.level) ? out[at].failed
         : row.level == "warn"     ? out[at].warned
                                   : out[at].others) += row.count;
    }
    return out;
}

json::object histogram_of(const logs_view& v, wall_point now) {
    const auto window = window_of(v.query, now);
    const auto columns = v.counts.good ? columns_of(*v.counts.good, window, v.query)
                                       : std::vector<stacked_column>(window.steps());
    json::array cells, ticks;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto from = window.from + window.step * static_cast<std::int64_t>(i);
        auto then = v.query;
        then.before = then.around = 0;
        then.from = rfc3339(from);
        then.to = rfc3339(from + window.step);
        const bool any = columns[i].total() > 0;
        cells.push_back(any ? json::object{{"href", text(then.address())},
                                           {"title", text(column_title(columns[i], from))}}
                            : json::object{{"href", nullptr}, {"title", nullptr}});
    }
    const bool is_long = window.to - window.from > std::chrono::hours(48);
    for (const std::int64_t part : {0, 1, 2, 3}) {
        const auto iso = rfc3339(window.from + (window.to - window.from) * part / 3);
        ticks.push_back(json::object{{"iso", text(iso)},
                                     {"words", text(is_long ? iso.substr(0, 10) : iso.substr(11, 5))},
                                     {"form", is_long ? "date" : "minute"}});
    }
    return {{"columns_svg", text(draw_columns(columns, "lines over time"))},
            {"cells", std::move(cells)},
            {"from", text(rfc3339(window.from))},
            {"step", text(std::to_string(window.step.count()))},
            {"ticks", std::move(ticks)},
            {"incomplete", v.counts.good ? unless_empty(v.counts.good->incomplete) : json::value(nullptr)}};
}

json::array rows_of(const logs_view& v) {
    json::array out;
    if (!v.lines.good) return out;
    auto lines = *v.lines.good;
    if (v.query.around > 0) std::ranges::reverse(lines);
    const hues colours(lines);
    auto then = v.query;
    for (const auto& l : lines) {
        then.line = l.seq;
        out.push_back(row_of(l, v.query, then.address(), colours));
    }
    return out;
}

json::object note_of(const logs_view& v) {
    const bool any = v.lines.good && !v.lines.good->empty();
    json::value older = nullptr;
    if (any && v.query.around == 0 && v.lines.good->size() == shown_lines) {
        auto then = v.query;
        then.before = v.lines.good->back().seq;
        older = text(then.address());
    }
    json::object out{{"is_empty", !any && v.lines.trouble.empty()}, {"older_href", std::move(older)}};
    add_source(out, v.lines, no_log_service);
    return out;
}

json::object field_row(const log_query& q, const std::string& name, const std::string& value) {
    const auto condition = condition_of(name, value);
    const bool can_filter = value.size() <= max_condition;
    return {{"name", text(name)},
            {"value", text(one_line(value, max_value))},
            {"only_href", can_filter ? text(q.with(condition).address()) : json::value(nullptr)},
            {"not_href", can_filter ? text(q.with("-" + condition).address()) : json::value(nullptr)}};
}

json::object line_of(const logs_view& v, wall_point now) {
    const auto& q = v.query;
    auto closed = q;
    closed.line = 0;
    json::object out{{"seq", text(grouped(static_cast<std::int64_t>(q.line)))},
                     {"close_href", text(closed.address())},
                     {"trouble", nullptr},
                     {"fields", json::array()}};
    if (!v.line || !v.line->good) {
        out["trouble"] = text(v.line ? v.line->trouble : "it is not known");
        return out;
    }
    const auto& l = *v.line->good;
    auto& fields = out["fields"].as_array();
    fields.push_back(field_row(q, "service", l.service));
    fields.push_back(field_row(q, "level", l.level));
    if (!l.is_request) fields.push_back(field_row(q, "message", l.message));
    for (const auto& [name, value] : l.members) fields.push_back(field_row(q, name, value));
    out["at"] = moment_of(l.at);
    out["day"] = l.at ? text(day_of(*l.at)) : json::value(nullptr);
    out["ago"] = l.at ? text(as_age(std::chrono::duration_cast<milliseconds>(now - *l.at)).text() + " ago")
                      : json::value(nullptr);
    log_query around;
    around.around = around.line = q.line;
    around.span = q.span;
    out["request_href"] = l.trace.empty() ? json::value(nullptr) : text(url_of_request(l.trace));
    out["around_href"] = text(around.address());
    out["service_href"] = text(url_of_service(l.service));
    log_query link;
    link.line = q.line;
    out["link"] = text(link.address());
    return out;
}

}  // namespace

live_page make_logs_page(const logs_view& v, wall_point now) {
    const auto& q = v.query;
    live_page page;
    page.title = (q.text.empty() ? "Logs" : one_line(q.text, 60) + " · Logs") + " · distd";
    page.tone = v.lines.is_lost() ? "unknown" : "well";
    if (q.follows()) page.live = "page=logs" + (q.parameters().empty() ? "" : "&" + q.parameters());
    page.values["q"] = text(one_line(q.text, 2000));
    json::array kept;
    auto rest = q;
    rest.text.clear();
    const auto keep = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) kept.push_back(json::object{{"name", text(name)}, {"value", text(value)}});
    };
    keep("service", q.service);
    keep("trace", q.trace);
    keep("range", q.to.empty() ? q.span : "");
    keep("from", q.from);
    keep("to", q.to);
    std::string levels;
    for (const auto& level : q.levels) levels += (levels.empty() ? "" : ",") + level;
    keep("level", levels);
    page.values["kept"] = std::move(kept);
    page.values["ignores_case"] = q.ignores_case;
    page.values["has_line"] = q.line > 0;
    page.values["follows"] = q.follows();
    page.values["limit"] = text(std::to_string(shown_lines));
    page.add("log_bar", "log-bar", "log_bar", bar_of(v));
    page.add("log_histogram", "log-histogram", "log_histogram", histogram_of(v, now));
    page.add("log_note", "log-note", "log_note", note_of(v));
    page.add_rows("rows", "log_row", rows_of(v));
    page.values["line"] = q.line > 0 ? json::value(line_of(v, now)) : json::value(nullptr);
    page.add("sources", "sources", "sources", values_of_sources(v.all));
    return page;
}

}  // namespace distd::ops::console
