#include "role/console/pages/request_page.hpp"

#include <algorithm>

#include "http/message/url.hpp"
#include "ops/model/request_tree.hpp"
#include "role/console/draw/waterfall.hpp"
#include "role/console/model/log_query.hpp"
#include "role/console/pages/log_values.hpp"

namespace distd::ops::console {
namespace {

// A line of it in the log: of any time.
log_query in_the_log(const request_view& v) {
    log_query q;
    q.trace = v.trace;
    q.span = "30d";
    return q;
}

std::string took_text(microseconds took) { return as_latency(static_cast<double>(took.count())).text(); }

json::object span_row(const request_span& s, const request_tree& t, log_query q) {
    q.line = s.seq;
    const bool is_refused = s.status >= 400 && !s.has_failed();
    const auto begin = std::chrono::duration_cast<microseconds>(s.begin - t.begin);
    return {{"depth", text(std::to_string(s.depth))},
            {"glyph", s.has_failed() ? "sick" : "well"},
            {"state", s.has_failed() ? "failed"
                      : is_refused   ? "refused"
                                     : "answered"},
            {"service", text(one_line(s.service, 80))},
            {"service_href", text(url_of_service(s.service))},
            {"request", text(one_line(s.method + " " + s.path, 200))},
            {"line_href", text(q.address())},
            {"status", text(s.status > 0 ? std::to_string(s.status) : std::string(nothing))},
            {"reason", unless_empty(one_line(s.reason, 120))},
            {"has_failed", s.has_failed()},
            {"span_svg", text(draw_span(begin, s.took, t.took, s.has_failed()))},
            {"took", value_of(std::optional<quantity>(as_latency(static_cast<double>(s.took.count()))))}};
}

json::object head_of(const request_view& v, const request_tree& t) {
    const auto words = make_request_headline(t);
    const auto request_id = t.spans.empty() ? std::string() : t.spans.front().request_id;
    auto counts =
        counted(t.services, "service", "services") + ", " + counted(t.lines, "log line", "log lines");
    if (t.lines >= max_request_lines) counts += " and perhaps more";
    json::object out{{"status", unless_empty(words.status)},
                     {"rest", text(words.rest)},
                     {"has_failed", words.has_failed},
                     {"before_name", unless_empty(words.before_name)},
                     {"name", text(one_line(words.name, 80))},
                     {"name_href", text(url_of_service(words.name))},
                     {"after_name", text(words.after_name)},
                     {"counts", t.lines > 0 ? text(counts) : json::value(nullptr)},
                     {"request_id", unless_empty(one_line(request_id, 80))},
                     {"trace", text(one_line(v.trace.empty() ? v.asked : v.trace, 80))}};
    add_source(out, v.lines, no_log_service);
    return out;
}

json::object waterfall_of(const request_view& v, const request_tree& t) {
    json::array spans, others;
    for (const auto& s : t.spans) spans.push_back(span_row(s, t, in_the_log(v)));
    for (const auto& name : t.others)
        others.push_back(json::object{{"service", text(one_line(name, 80))},
                                      {"service_href", text(url_of_service(name))}});
    const bool any = !spans.empty() || !others.empty();
    return {{"any", any},
            {"spans", std::move(spans)},
            {"others", std::move(others)},
            {"whole", text(took_text(t.took))}};
}

json::object said_of(const request_view& v) {
    json::array rows;
    auto q = in_the_log(v);
    if (v.lines.good) {
        const hues colours(*v.lines.good);
        for (const auto& l : *v.lines.good) {
            auto there = q;
            there.line = l.seq;
            rows.push_back(row_of(l, q, there.address(), colours));
        }
    }
    const bool any = !rows.empty();
    return {{"any", any}, {"rows", std::move(rows)}, {"log_href", text(q.address())}};
}

}  // namespace

std::string trace_request(std::string_view trace) {
    return "/log?trace=" + http::percent_encode(trace) +
           "&order=oldest&limit=" + std::to_string(max_request_lines);
}

std::string request_id_request(std::string_view id) {
    return "/log?q=" + http::percent_encode(condition_of("request_id", id)) + "&limit=1";
}

bool is_trace_id(std::string_view id) noexcept { return id.size() == 32; }

live_page make_request_page(const request_view& v) {
    const std::vector<log_line> none;
    const auto& lines = v.lines.good ? *v.lines.good : none;
    const auto tree = make_request_tree(lines);
    const auto words = make_request_headline(tree);
    live_page page;
    page.status = lines.empty() && v.lines.trouble.empty() ? 404 : 200;
    page.title = (words.status.empty() ? "" : words.status + " ") + one_line(words.rest, 80) + " · distd";
    page.tone = v.lines.is_lost() ? "unknown" : words.has_failed ? "sick" : "well";
    page.live = "page=request&id=" + http::percent_encode(v.asked);
    page.add("request_head", "request-head", "request_head", head_of(v, tree));
    page.add("waterfall", "waterfall", "waterfall", waterfall_of(v, tree));
    page.add("said", "said", "said", said_of(v));
    page.add("sources", "sources", "sources", values_of_sources(v.all));
    return page;
}

}  // namespace distd::ops::console
