// distd services: a row for each service, the sick ones first and why.
#include <algorithm>
#include <boost/json/array.hpp>
#include <map>
#include <set>
#include <utility>

#include "client/system/context.hpp"
#include "client/system/names.hpp"
#include "client/system/reconnection.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/service_rows.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/questions/log_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

constexpr std::chrono::hours errors_of_last{1};
constexpr milliseconds watch_wait{30'000};

// What is looked at at one moment.
struct view {
    registry_state state;
    std::shared_ptr<const error_counts> errors;
    std::string log_trouble;
    system_overview t;
};

task<view> look_around(context& c) {
    view v;
    v.state = co_await ask_registry_state(c);
    const auto logs = addresses_of(*v.state.instances, wire::log_service);
    if (!logs.empty()) {
        auto send = c.roles.at(logs.front());
        auto found = co_await ask_errors(std::move(send), c.now() - errors_of_last);
        v.errors = std::move(found.value);
        if (!found.trouble.empty())
            v.log_trouble = unreachable("the log service", logs.front(), found.trouble);
    }
    overview_input facts;
    facts.instances = v.state.instances.get();
    facts.missing = v.state.missing.get();
    facts.guard = v.state.guard.get();
    facts.events = v.state.events.get();
    facts.errors = v.errors.get();
    v.t = make_overview(facts, c.now());
    co_return v;
}

class chosen_services {
public:
    // Names that are services by now; one that is not yet is waited for by -w.
    chosen_services(context& c, const system_overview& t) : c_(c) {
        if (c.given.words().empty()) return;
        std::vector<std::string> names;
        for (const auto& s : t.services) names.push_back(s.name);
        for (const auto& word : c.given.words()) names_.insert(find_service(names, word));
    }

    [[nodiscard]] std::vector<const service_facts*> of(const system_overview& t) const {
        std::vector<const service_facts*> out;
        for (const auto& s : t.services)
            if (matches(s)) out.push_back(&s);
        return out;
    }

private:
    [[nodiscard]] bool matches(const service_facts& s) const {
        const auto& on = c_.given.text("on");
        const auto& tag = c_.given.text("tag");
        if (!names_.empty() && !names_.contains(s.name)) return false;
        if (c_.given.on("sick") && s.state != service_state::sick) return false;
        if (!tag.empty() && std::ranges::find(s.tags, tag) == s.tags.end()) return false;
        return on.empty() || std::ranges::find(s.machines, on) != s.machines.end();
    }

    context& c_;
    std::set<std::string> names_;
};

void print_all(context& c, const std::vector<const service_facts*>& chosen, const view& v) {
    if (c.out.is_json) {
        boost::json::array all;
        for (const auto* s : chosen) all.push_back(to_json_object(*s, v.t, c.now()));
        return c.print_json(all);
    }
    auto rows = make_service_table();
    for (const auto* s : chosen) rows.add(service_row(*s, v.t, c.out, c.now()));
    if (!rows.empty()) c.print(rows.text(c.out));
}

void say_rest(context& c, const std::vector<const service_facts*>& chosen, const view& v) {
    if (v.t.guard.is_active) c.say("the guard against mass failures is on: " + v.t.guard.reason);
    if (!v.log_trouble.empty()) c.say(v.log_trouble + ": errors are not counted");
    if (!c.out.is_json) c.say(summary_of(chosen));
}

// What makes a row another one, for -w: not how long it has been so.
std::string fingerprint(const service_facts& s, const system_overview& t, wall_point now) {
    return std::string(s.glyph) + std::to_string(s.up) + "/" + std::to_string(s.instances.size()) +
           why_of(s, t, now);
}

class follower {
public:
    // `v`: what was shown first.
    follower(context& c, const view& v) : c_(c), log_is_lost_(!v.log_trouble.empty()) {}

    void remember(const std::vector<const service_facts*>& chosen, const view& v) {
        known_.clear();
        for (const auto* s : chosen) known_[s->name] = fingerprint(*s, v.t, c_.now());
    }

    // Rows that have changed, in lines below what is there, as they are when it is read by a program, too.
    void print_changes(const std::vector<const service_facts*>& chosen, const view& v) {
        auto rows = make_service_table();
        for (const auto* s : chosen) {
            const auto found = known_.find(s->name);
            if (found != known_.end() && found->second == fingerprint(*s, v.t, c_.now())) continue;
            if (c_.out.is_json)
                c_.print_json(to_json_object(*s, v.t, c_.now()));
            else
                rows.add(service_row(*s, v.t, c_.out, c_.now()));
        }
        if (!rows.empty()) c_.print(rows.text(c_.out, false));
        for (const auto& [name, was] : known_)
            if (std::ranges::find(chosen, name, &service_facts::name) == chosen.end())
                c_.say(name + " is no longer listed");
        remember(chosen, v);
        say_whether_errors_count(v);
    }

private:
    void say_whether_errors_count(const view& v) {
        const bool was_lost = std::exchange(log_is_lost_, !v.log_trouble.empty());
        if (log_is_lost_ && !was_lost) c_.say(v.log_trouble + ": errors are not counted");
        if (was_lost && !log_is_lost_) c_.say("the log service is back: errors are counted again");
    }

    context& c_;
    std::map<std::string, std::string> known_;
    bool log_is_lost_;
};

// One turn of -w. Returns false when the registry could not be asked.
task<bool> follow_once(context& c, follower* f, const chosen_services* which, std::uint64_t* index) {
    try {
        *index = co_await wait_for_change(c, "/services", *index, watch_wait);
        const auto v = co_await look_around(c);
        f->print_changes(which->of(v.t), v);
        co_return true;
    } catch (const access_refused&) {
        throw;
    } catch (const verb_failure& e) {
        if (e.code() != exit_code::cannot_reach) throw;
    }
    co_return false;
}

task<> follow(context& c, follower* f, const chosen_services* which, std::uint64_t index) {
    reconnection registry(c, "the registry");
    for (;;) {
        const bool is_there = co_await follow_once(c, f, which, &index);
        if (is_there) {
            registry.found();
            continue;
        }
        index = 0;
        auto detail = " at " + c.roles.registry_url();
        co_await registry.lost(std::move(detail));
    }
}

task<int> run_services(context& c) {
    std::uint64_t index = 0;
    if (c.given.on("watch")) index = co_await wait_for_change(c, "/services?fields=ServiceURL", 0, {});
    const auto v = co_await look_around(c);
    const chosen_services which(c, v.t);
    const auto chosen = which.of(v.t);
    if (c.given.on("watch") && c.out.is_json) {
        for (const auto* s : chosen) c.print_json(to_json_object(*s, v.t, c.now()));
    } else {
        print_all(c, chosen, v);
    }
    say_rest(c, chosen, v);
    if (c.given.on("watch")) {
        follower f(c, v);
        f.remember(chosen, v);
        co_await follow(c, &f, &which, index);
    }
    const bool has_sick =
        std::ranges::any_of(chosen, [](const auto* s) { return s->state == service_state::sick; });
    co_return c.given.on("exit-code") && has_sick ? exit_code::answer_is_no : exit_code::done;
}

}  // namespace

verb describe_services() {
    verb v;
    v.name = "services";
    v.aliases = {"ps"};
    v.form = "[NAME...]";
    v.summary = "What runs, what is sick and why: a row for each service";
    v.details =
        "Sick services come first, then drained and starting ones. UP is how many instances are up of how "
        "many "
        "are registered, ERRORS the lines of level error and fatal in the last hour, FOR how long it has "
        "been so. "
        "distd ps is the same.";
    v.max_words = any_number;
    v.words = word_kind::service;
    v.options = {
        {0, {.name = "sick", .kind = setting_kind::on_off, .fallback = {}, .help = "Only sick services"}},
        {0,
         {.name = "on",
          .fallback = {},
          .help = "Only services with an instance on that host",
          .placeholder = "HOST"}},
        {0, {.name = "tag", .fallback = {}, .help = "Only services with that tag", .placeholder = "TAG"}},
        {'w',
         {.name = "watch",
          .kind = setting_kind::on_off,
          .fallback = {},
          .help = "Go on: print each row that changes"}},
        {0,
         {.name = "exit-code",
          .kind = setting_kind::on_off,
          .fallback = {},
          .help = "Exit code 4 when one of them is sick"}}};
    v.examples = {{"distd services", "all of them"},
                  {"distd ps --sick", "what is sick, and why"},
                  {"distd services --sick --exit-code >/dev/null || echo something is sick", "in a script"},
                  {"distd services cart checkout --json", "two of them as JSON"}};
    v.run = &run_services;
    return v;
}

}  // namespace distd::ops::client
