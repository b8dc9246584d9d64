// distd logs: what services said.
#include <algorithm>
#include <deque>
#include <utility>

#include "base/log_levels.hpp"
#include "base/settings/options_values.hpp"
#include "client/output/times.hpp"
#include "client/system/context.hpp"
#include "client/system/followed_stream.hpp"
#include "client/system/names.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/log_request.hpp"
#include "client/verbs/log_rows.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/answers/call_words.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

constexpr std::int64_t default_lines = 50;
constexpr std::int64_t all_lines = 1'000'000'000;  // more than there are
constexpr std::int64_t default_context_lines = 10;
constexpr std::size_t page = 1000;
constexpr milliseconds search_deadline{35'000};  // the log service stops a search after 30 s

std::optional<wall_point> moment_of(const context& c, const std::string& option) {
    const auto& text = c.given.text(option);
    if (text.empty()) return std::nullopt;
    auto when = read_moment(text, c.now(), c.out.is_utc);
    if (!when)
        throw wrong_use("--" + option + " " + printable(text) + ": is no time; write " +
                        std::string(moment_forms));
    return when;
}

// A name that no service has now may be one of the past.
std::string name_in_log(const std::vector<std::string>& registered, const std::string& word) {
    try {
        return find_service(registered, word);
    } catch (const verb_failure&) {
        return word;
    }
}

log_selection selection_of(const context& c, const std::vector<instance>& registered) {
    log_selection s;
    const auto names = service_names(registered);
    for (const auto& word : c.given.words()) s.services.push_back(name_in_log(names, word));
    s.level = c.given.text("priority");
    s.pattern = c.given.text("grep");
    s.query = c.given.text("query");
    s.trace = c.given.text("trace");
    s.from = moment_of(c, "since");
    s.to = moment_of(c, "until");
    return s;
}

class log_reading {
public:
    log_reading(context& c, std::string address)
        : c_(c),
          address_(std::move(address)),
          rows_(form_of(c), c.out),
          is_document_(c.out.is_json && !c.given.on("follow")) {}

    task<int> run(log_selection which);

private:
    static log_form form_of(const context& c) {
        if (c.out.is_json) return log_form::json;
        const auto& o = c.given.text("output");
        return o == "json" ? log_form::json : o == "cat" ? log_form::message : log_form::brief;
    }

    task<std::string> ask(std::string path);
    task<> print_newest(std::string parameters, std::size_t count);
    task<> print_oldest_first(std::string parameters);
    task<> print_around(std::uint64_t seq, std::string parameters);
    task<> follow_on(log_selection which);
    void print(std::string_view line, std::uint64_t seq) {
        last_ = std::max(last_, seq);
        const bool is_first = !std::exchange(has_printed_, true);
        if (is_document_)
            c_.print((is_first ? "[" : ",\n") + std::string(line));
        else
            c_.print(rows_.row(line, c_.now()));
    }

    context& c_;
    std::string address_;
    log_rows rows_;
    bool is_document_;        // an array, not a line each
    std::uint64_t last_ = 0;  // the number of the newest line that is known
    bool has_printed_ = false;
};

task<std::string> log_reading::ask(std::string path) {
    http::call call("GET", address_ + path);
    call.deadline = search_deadline;
    call.answer_limit = 256 << 20;
    const auto r = co_await c_.roles.send(std::move(call));
    if (r && r->status == 200) co_return r->body;
    if (r) c_.roles.expect_access("the log service", address_, *r);
    if (r && r->status == 400) throw wrong_use("the log service: " + without_end(refusal_of(*r)));
    if (r && r->status == 404)
        throw verb_failure(exit_code::answer_is_no, "the log service: " + without_end(refusal_of(*r)));
    throw away(c_, "the log service", wire::log_service, address_, trouble_of(r));
}

// In the order in which they came.
task<> log_reading::print_newest(std::string parameters, std::size_t count) {
    std::deque<std::string> bodies;  // that the lines are views of
    std::vector<raw_line> lines;
    for (std::string after; lines.size() < count;) {
        const auto limit = std::min(count - lines.size(), page);
        auto path = "/log?limit=" + std::to_string(limit) + after + parameters;
        auto body = co_await ask(std::move(path));
        const auto answer = split_lines(bodies.emplace_back(std::move(body)));
        lines.insert(lines.end(), answer.lines.begin(), answer.lines.end());
        if (!answer.more && answer.lines.size() < limit) break;
        after = "&after=" + std::to_string(answer.more ? *answer.more : answer.lines.back().seq);
    }
    for (auto l = lines.rbegin(); l != lines.rend(); ++l) print(l->text, l->seq);
}

task<> log_reading::print_oldest_first(std::string parameters) {
    for (std::string after;;) {
        auto path = "/log?order=oldest&limit=" + std::to_string(page) + after + parameters;
        const auto body = co_await ask(std::move(path));
        const auto answer = split_lines(body);
        for (const auto& l : answer.lines) print(l.text, l.seq);
        if (!answer.more && answer.lines.size() < page) co_return;
        after = "&after=" + std::to_string(answer.more ? *answer.more : answer.lines.back().seq);
    }
}

task<> log_reading::print_around(std::uint64_t seq, std::string parameters) {
    const auto n = std::to_string(c_.given.has("lines") ? c_.given.number("lines") : default_context_lines);
    auto path = "/log/context?seq=" + std::to_string(seq) + "&before=" + n + "&after=" + n + parameters;
    const auto body = co_await ask(std::move(path));
    const auto answer = split_lines(body);
    for (const auto& l : answer.lines) print(l.text, l.seq);
}

task<> log_reading::follow_on(log_selection which) {
    followed_stream f;
    f.whom = "the log service";
    f.find_address = [this] { return find_log_service(c_); };
    const auto parameters = parameters_of(which, false);
    f.path = "/log/tail" + (parameters.empty() ? "" : "?" + parameters.substr(1));
    f.last_id = std::to_string(last_);
    f.on_event = [this](const stream_event& e) {
        const auto seq = number_of_line(e.data);
        if (seq == 0 || seq > last_) print(e.data, seq);
    };
    co_await follow(c_, std::move(f));
}

task<int> log_reading::run(log_selection which) {
    const bool follows = c_.given.on("follow");
    if (follows) {  // where the log ends now: what comes behind it is followed, also if nothing is found
                    // before
        const auto newest = co_await ask("/log?limit=1");
        const auto answer = split_lines(newest);
        if (!answer.lines.empty()) last_ = answer.lines.front().seq;
    }
    const auto parameters = parameters_of(which, true);
    const bool has_span = which.from || which.to;
    const auto count = c_.given.has("lines") ? c_.given.number("lines") : default_lines;
    if (const auto seq = c_.given.number("around"); seq > 0)
        co_await print_around(static_cast<std::uint64_t>(seq), parameters_of(which, false));
    else if ((has_span && !c_.given.has("lines")) || count >= all_lines)
        co_await print_oldest_first(parameters);
    else if (count > 0)
        co_await print_newest(parameters, static_cast<std::size_t>(count));
    if (follows) co_await follow_on(std::move(which));
    if (is_document_) c_.print(has_printed_ ? "]\n" : "[]\n");
    if (!has_printed_) c_.say("no line was found");
    co_return exit_code::done;
}

task<int> run_logs(context& c) {
    const auto all = co_await ask_registered(c);
    auto which = selection_of(c, all);
    if (c.given.on("follow") && (which.to || c.given.number("around") > 0))
        throw wrong_use("--follow goes on from now: not with --until and --around");
    log_reading reading(c, log_service_among(c, all));
    co_return co_await reading.run(std::move(which));
}

std::vector<verb_option> log_options() {
    std::vector<std::string> levels(log_levels.begin(), log_levels.end());
    return {{'f',
             {.name = "follow",
              .kind = setting_kind::on_off,
              .fallback = {},
              .help = "Go on with lines as they arrive"}},
            {'n',
             {.name = "lines",
              .kind = setting_kind::integer,
              .fallback = {},
              .help = "How many of the newest lines (50), or all; with --since all, unless it is given"},
             {{"all", std::to_string(all_lines)}}},
            {'S',
             {.name = "since",
              .fallback = {},
              .help = "Lines from then on: 15m, 14:00, 2026-11-21 14:00",
              .placeholder = "TIME"}},
            {'U', {.name = "until", .fallback = {}, .help = "Lines before then", .placeholder = "TIME"}},
            {'p',
             {.name = "priority",
              .kind = setting_kind::choice,
              .fallback = {},
              .help = "Lines of that level and worse",
              .placeholder = "LEVEL",
              .choices = levels},
             level_synonyms()},
            {'g',
             {.name = "grep",
              .fallback = {},
              .help = "Lines whose message, path or reason matches the regular expression; one in lower case "
                      "matches any case"}},
            {'q',
             {.name = "query",
              .fallback = {},
              .help = "In the log service's language: status:>=500 user:ann",
              .placeholder = "QUERY"}},
            {0, {.name = "trace", .fallback = {}, .help = "Lines of that trace", .placeholder = "ID"}},
            {'o',
             {.name = "output",
              .kind = setting_kind::choice,
              .fallback = "short",
              .help = "short: a line for a person; json: as stored; cat: the messages alone",
              .choices = {"short", "json", "cat"}}},
            {0,
             {.name = "around",
              .kind = setting_kind::integer,
              .fallback = {},
              .help = "The line of that number, and -n lines before and after it (10)",
              .placeholder = "SEQ"}}};
}

}  // namespace

verb describe_logs() {
    verb v;
    v.name = "logs";
    v.form = "[NAME...]";
    v.summary = "What services said: the newest lines, those of a time, or as they arrive";
    v.details =
        "With --follow lines go on where they were when the log service was away: none is missing, none "
        "comes "
        "twice; standard error says when it was lost and from where it went on. distd logs cat FILE... "
        "prints "
        "files of the log service, without any service.";
    v.max_words = any_number;
    v.words = word_kind::service;
    v.options = log_options();
    v.examples = {{"distd logs cart", "its last 50 lines"},
                  {"distd logs -p error -S 15m", "all errors of the last 15 minutes"},
                  {"distd logs cart checkout -f", "both, as they arrive"},
                  {"distd logs -q 'message:request status:>=500' -o json", "requests that failed, as JSON"},
                  {"distd logs -g 'time.?out' -n 5", "the last five that say so"}};
    v.run = &run_logs;
    return v;
}

}  // namespace distd::ops::client
