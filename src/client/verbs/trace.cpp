// distd trace: a request through all services, as a tree with bars, and the lines of it.
#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "base/timestamp.hpp"
#include "client/output/table.hpp"
#include "client/output/times.hpp"
#include "client/system/context.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/log_rows.hpp"
#include "client/verbs/trace_text.hpp"
#include "client/verbs/verbs.hpp"
#include "http/message/url.hpp"
#include "ops/model/request_tree.hpp"
#include "ops/questions/log_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

constexpr auto max_lines = "1000";

bool is_trace_id(const std::string& id) {
    return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == id.npos;
}

task<std::vector<log_line>> lines_of(context& c, std::string address, std::string request) {
    auto send = c.roles.at(address);
    const auto found = co_await ask_lines(std::move(send), std::move(request));
    if (!found.trouble.empty()) throw away(c, "the log service", wire::log_service, address, found.trouble);
    co_return *found.value;
}

void print_json(context& c, const request_tree& t, const std::string& trace) {
    boost::json::array spans;
    for (const auto& s : t.spans)
        spans.push_back({{"service", s.service},
                         {"method", s.method},
                         {"path", s.path},
                         {"status", s.status},
                         {"begin", rfc3339(s.begin, time_digits::microseconds)},
                         {"took_us", s.took.count()},
                         {"span", s.span},
                         {"parent", s.parent},
                         {"depth", s.depth},
                         {"reason", s.reason}});
    c.print_json({{"trace", trace}, {"lines", t.lines}, {"took_us", t.took.count()}, {"spans", spans}});
}

task<int> run_trace(context& c) {
    const auto address = co_await find_log_service(c);
    const auto& id = c.given.words().front();
    auto trace = is_trace_id(id) ? id : std::string();
    if (trace.empty()) {  // a request's id leads to its trace, by a line that has both
        auto request = "/log?limit=1&q=" + http::percent_encode("request_id:\"" + id + "\"");
        const auto lines = co_await lines_of(c, address, std::move(request));
        if (!lines.empty()) trace = lines.front().trace;
    }
    std::vector<log_line> lines;
    if (!trace.empty())
        lines = co_await lines_of(
            c, address,
            "/log?order=oldest&limit=" + std::string(max_lines) + "&trace=" + http::percent_encode(trace));
    if (lines.empty()) throw verb_failure(exit_code::answer_is_no, "the log has no line of a request " + id);
    const auto tree = make_request_tree(lines);
    if (c.out.is_json) {
        print_json(c, tree, trace);
        co_return exit_code::done;
    }
    c.print(trace_text(tree, c.out));
    log_rows rows(log_form::of_request, c.out);
    std::string text = "\n";
    for (const auto& l : lines) text += rows.row(l, c.now());
    c.print(text);
    co_return exit_code::done;
}

}  // namespace

verb describe_trace() {
    verb v;
    v.name = "trace";
    v.form = "TRACE|REQUEST-ID";
    v.summary = "A request through all services: who called whom, for how long, and their lines";
    v.details =
        "The id is that of a trace (in lines of the log) or of a request (X-Request-Id of an answer).";
    v.min_words = v.max_words = 1;
    v.examples = {{"distd trace 4bf92f3577b34da6a3ce929d0e0e4736", "by the id of its trace"}};
    v.run = &run_trace;
    return v;
}

}  // namespace distd::ops::client
