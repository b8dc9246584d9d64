// distd alone at a terminal: what runs at the registry that it finds, and the commands that one needs first.
#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/verbs/service_rows.hpp"
#include "client/verbs/verbs.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_rows = 6;

std::string what_next(bool is_running, const look& l) {
    const auto row = [&](const char* line, const char* meaning) {
        const std::string text = line;
        return "  " + l.paint(text, tone::link) + std::string(24 - text.size(), ' ') + meaning + "\n";
    };
    if (!is_running)
        return row("distd run", "runs every role here, data in ./data") +
               row("distd run --role=log", "runs one role; distd --help names the settings") +
               row("distd services", "what runs, what is sick and why") +
               row("distd doctor", "which roles answer, and what is wrong") + row("distd help", "all verbs");
    return row("distd services", "what runs, what is sick and why") +
           row("distd show NAME", "everything of one service") +
           row("distd logs NAME -f", "what it says, as it says it") +
           row("distd drain NAME/1", "takes an instance out of rotation") + row("distd help", "all verbs");
}

// The sick ones, or the first.
std::string rows_of(const town& t, const look& l, wall_point now) {
    auto rows = make_service_table(false);
    for (std::size_t i = 0; i < t.services.size() && i < max_rows; ++i)
        rows.add(service_row(t.services[i], t, l, now));
    return rows.text(l, false, 2);
}

task<int> run_here(context& c) {
    std::string trouble;
    std::string text;
    try {
        const auto state = co_await ask_registry_state(c);
        town_facts facts;
        facts.instances = state.instances.get();
        facts.missing = state.missing.get();
        facts.events = state.events.get();
        const auto t = make_town(facts, c.now());
        std::vector<const service_facts*> all;
        for (const auto& s : t.services) all.push_back(&s);
        text = c.out.paint("distd " DISTD_VERSION, tone::bold) + ". The registry at " +
               c.roles.registry_url() + " knows " + summary_of(all) + "\n\n";
        if (!all.empty()) text += rows_of(t, c.out, c.now()) + "\n";
    } catch (const cannot_go_on& e) {
        trouble = e.what();
    }
    if (!trouble.empty())
        text = c.out.paint("distd " DISTD_VERSION, tone::bold) + ". " +
               trouble.substr(0, trouble.find('\n')) + "\n\n";
    c.print(shown(text, c.out) + what_next(trouble.empty(), c.out));
    co_return exit_code::done;
}

}  // namespace

verb describe_here() {
    verb v;
    v.run = &run_here;
    return v;
}

}  // namespace distd::ops::client
