// distd events: what happened to instances and to the configuration.
#include <algorithm>
#include <distd/json.hpp>
#include <utility>

#include "client/system/context.hpp"
#include "client/system/followed_stream.hpp"
#include "client/system/names.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/event_rows.hpp"
#include "client/verbs/verbs.hpp"
#include "http/message/url.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/answers/registry_answers.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_known = 10'000;
constexpr std::int64_t known_before = 200;  // that are asked for, however few are shown

const std::vector<std::string>& event_types() {
    static const std::vector<std::string> types{
        "registered",     "deregistered",    "replaced",  "lost",     "back",      "gone",
        "drained",        "undrained",       "forgotten", "guard_on", "guard_off", "config_put",
        "config_deleted", "config_restored", "in_doubt"};
    return types;
}

class event_printer {
public:
    explicit event_printer(context& c) : c_(c) {}

    // The newest `max` of a list of events, as the registry writes it. Those before are known: how long an
    // instance was away is told by its loss.
    void print(const std::string& list, std::size_t max = SIZE_MAX) {
        auto read = read_events(list);
        for (std::size_t i = 0; i < read->size(); ++i) {
            auto& e = (*read)[i];
            known_.push_back(e);
            last_ = std::max(last_, e.index);
            if (!c_.out.is_json && read->size() - i <= max)
                c_.print(event_line(known_.back(), known_, c_.out, c_.now()));
        }
        if (known_.size() > 2 * max_known) known_.erase(known_.begin(), known_.end() - max_known);
    }

    void take(const stream_event& e) {
        if (e.name == "missed") return c_.say("some events are missing: the registry no longer has them");
        if (c_.out.is_json) c_.print(e.data + "\n");
        if (const auto list = "[" + e.data + "]"; read_events(list)) print(list);
    }

    [[nodiscard]] std::uint64_t last() const noexcept { return last_; }
    void went_until(std::uint64_t index) noexcept { last_ = std::max(last_, index); }

private:
    context& c_;
    std::vector<event> known_;
    std::uint64_t last_ = 0;
};

task<http::reply> ask_events(context& c, std::string path) {
    auto question = make_question(std::move(path));
    auto r = co_await c.roles.ask_registry(std::move(question));
    if (r.status == 404)
        throw verb_failure(exit_code::cannot_reach, "the registry at " + c.roles.registry_url() +
                                                        " keeps no events: it is of another make");
    if (r.status != 200)
        throw verb_failure(r.status == 400 ? exit_code::wrong_use : exit_code::cannot_reach,
                           "the registry: " + without_end(refusal_of(r)));
    if (!read_events(r.body))
        throw verb_failure(exit_code::cannot_reach, "the registry's events cannot be read");
    co_return r;
}

// A list of events: as one document, or a line each where more lines follow.
void print_json(const context& c, const std::string& list) {
    json_error ignored;
    const auto events = c.given.on("follow") ? parse_json(list, ignored) : std::nullopt;
    if (!events || !events->is_array()) return c.print(list + "\n");
    for (const auto& e : events->get_array()) c.print_json(e);
}

task<std::string> registry_address(context* c) { co_return c->roles.registry_url(); }

task<int> run_events(context& c) {
    std::string filter;
    if (!c.given.words().empty()) {
        const auto all = co_await ask_registered(c);
        auto name = c.given.words().front();
        try {
            name = find_service(service_names(all), name);
        } catch (const verb_failure&) {}  // it may have events without an instance now
        filter += "&name=" + http::percent_encode(name);
    }
    if (const auto& type = c.given.text("type"); !type.empty()) filter += "&type=" + type;
    event_printer out(c);
    const auto newest = co_await ask_events(c, "/events?limit=1");
    const auto end = read_events(newest.body);
    if (!end->empty()) out.went_until(end->back().index);
    if (const auto n = c.given.number("lines"); n > 0) {
        const auto asked = c.out.is_json ? n : std::max(n, known_before);
        const auto r = co_await ask_events(c, "/events?limit=" + std::to_string(asked) + filter);
        if (c.out.is_json) print_json(c, r.body);
        out.print(r.body, static_cast<std::size_t>(n));
        if (!c.given.on("follow") && read_events(r.body)->empty()) c.say("no event was found");
    }
    if (!c.given.on("follow")) co_return exit_code::done;
    followed_stream f;
    f.whom = "the registry";
    f.find_address = [&c] { return registry_address(&c); };
    f.path = "/events" + (filter.empty() ? "" : "?" + filter.substr(1));
    f.last_id = std::to_string(out.last());
    f.unit = "event";
    f.on_event = [&out](const stream_event& e) { out.take(e); };
    co_await follow(c, std::move(f));
    co_return exit_code::done;
}

}  // namespace

verb describe_events() {
    verb v;
    v.name = "events";
    v.form = "[NAME]";
    v.summary = "What happened: losses, returns, drains, changes of the configuration, and by whom";
    v.max_words = 1;
    v.words = word_kind::service;
    v.options = {{'f',
                  {.name = "follow",
                   .kind = setting_kind::on_off,
                   .fallback = {},
                   .help = "Go on with events as they happen"}},
                 {'n',
                  {.name = "lines",
                   .kind = setting_kind::integer,
                   .fallback = "50",
                   .help = "How many of the newest",
                   .max = 10'000}},
                 {0,
                  {.name = "type",
                   .kind = setting_kind::choice,
                   .fallback = {},
                   .help = "Only events of that type",
                   .placeholder = "TYPE",
                   .choices = event_types()}}};
    v.examples = {{"distd events", "the last 50"},
                  {"distd events cart --type=lost", "when it was lost, and why"},
                  {"distd events -f --json", "as they happen, a JSON document a line"}};
    v.run = &run_events;
    return v;
}

}  // namespace distd::ops::client
