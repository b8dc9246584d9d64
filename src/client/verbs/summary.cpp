// distd alone at a terminal: what runs at the registry that it finds, and the commands that one needs first.
#include "client/system/context.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/service_rows.hpp"
#include "client/verbs/summary_text.hpp"
#include "client/verbs/verbs.hpp"

namespace distd::ops::client {
namespace {

task<int> run_summary(context& c) {
    auto text = c.out.paint("distd " DISTD_VERSION, tone::bold) + ". ";
    bool is_running = true;
    try {
        const auto state = co_await ask_registry_state(c);
        overview_input facts;
        facts.instances = state.instances.get();
        facts.missing = state.missing.get();
        facts.events = state.events.get();
        const auto t = make_overview(facts, c.now());
        std::vector<const service_facts*> all;
        for (const auto& s : t.services) all.push_back(&s);
        text += "The registry at " + c.roles.registry_url() + " knows " + summary_of(all) + "\n\n";
        if (!all.empty()) text += first_rows(t, c.out, c.now()) + "\n";
    } catch (const access_refused& e) {
        text += std::string(e.what()) + "\n\n";  // which says what to set
    } catch (const verb_failure& e) {
        const std::string why = e.what();
        text += why.substr(0, why.find('\n')) + "\n\n";
        is_running = false;
    }
    c.print(for_charset(text, c.out) + what_next(is_running, c.out));
    co_return exit_code::done;
}

}  // namespace

verb describe_summary() {
    verb v;
    v.run = &run_summary;
    return v;
}

}  // namespace distd::ops::client
