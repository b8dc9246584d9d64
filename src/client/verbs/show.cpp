// distd show: all of one service, or of one instance.
#include <utility>

#include "client/system/context.hpp"
#include "client/system/names.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/show_text.hpp"
#include "client/verbs/verbs.hpp"
#include "http/message/url.hpp"
#include "ops/model/log_levels.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "ops/questions/log_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

// What the gateways tell; nothing where there are none.
task<> add_gateways(context& c, service_sheet* s, std::vector<std::string> portals) {
    if (portals.empty()) co_return;
    auto for_state = c.roles.anywhere();
    const auto state = co_await ask_gateways(std::move(for_state), portals);
    if (state.value) s->gateway = *state.value;
    auto for_traffic = c.roles.anywhere();
    auto passed = co_await ask_traffic(std::move(for_traffic), std::move(portals), "1h");
    s->traffic = std::move(passed.value);
}

task<> add_errors(context& c, service_sheet* s, std::vector<std::string> logs) {
    if (logs.empty()) {
        s->errors_trouble = "no log service is registered";
        co_return;
    }
    auto send = c.roles.at(logs.front());
    auto request = "/log?level=" + std::string(error_levels) +
                   "&limit=" + std::to_string(c.given.number("lines")) +
                   "&service=" + http::percent_encode(s->name);
    const auto found = co_await ask_lines(std::move(send), std::move(request));
    if (found.value) s->errors = *found.value;
    if (!found.trouble.empty())
        s->errors_trouble = unreachable("the log service", logs.front(), found.trouble);
}

// The service that the word names, and the instance if it names one.
void choose(service_sheet* s, const registry_state& state, const std::string& word) {
    if (names_an_instance(word)) {
        const auto found = find_instances(*state.instances, word);
        s->name = found.front().name;
        if (found.size() == 1) s->only_url = found.front().url;
        return;
    }
    std::vector<std::string> names;  // also those that are missing
    for (const auto& one : s->t.services) names.push_back(one.name);
    s->name = find_service(names, word);
}

task<int> run_show(context& c) {
    const auto state = co_await ask_registry_state(c);
    overview_input facts;
    facts.instances = state.instances.get();
    facts.missing = state.missing.get();
    facts.guard = state.guard.get();
    facts.events = state.events.get();
    service_sheet s;
    s.t = make_overview(facts, c.now());
    choose(&s, state, c.given.words().front());
    if (state.events) s.events = *state.events;
    co_await add_errors(c, &s, addresses_of(*state.instances, wire::log_service));
    co_await add_gateways(c, &s, addresses_of(*state.instances, wire::portal_service));
    if (c.out.is_json)
        c.print_json(show_json(s, c.now()));
    else
        c.print(show_text(s, c.out, c.now()));
    co_return exit_code::done;
}

}  // namespace

verb describe_show() {
    verb v;
    v.name = "show";
    v.form = "NAME|URL|NAME/2";
    v.summary = "All of one service: instances and why, the failing answer, routes, last errors, events";
    v.min_words = v.max_words = 1;
    v.words = word_kind::instance;
    v.options = {{'n',
                  {.name = "lines",
                   .kind = setting_kind::integer,
                   .fallback = "5",
                   .help = "How many of its last errors",
                   .min = 1,
                   .max = 1000}}};
    v.examples = {{"distd show cart", "all of it"}, {"distd show cart/2", "its second instance"}};
    v.run = &run_show;
    return v;
}

}  // namespace distd::ops::client
