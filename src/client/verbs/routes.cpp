// distd routes: what the gateways pass on, to whom, and what they leave out.
#include "client/system/context.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/routes_text.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

task<int> run_routes(context& c) {
    const auto state = co_await ask_all_gateways(c);
    if (c.out.is_json)
        c.print_json(routes_json(*state));
    else
        c.print(routes_text(*state, c.out));
    if (state->routes.empty() && state->services.empty())
        c.say(
            "no routes, and no service is exposed: distd config set gateway/services '[\"cart\"]' exposes "
            "cart");
    for (const auto& e : state->errors) c.say("configuration: " + one_line(e, 1000));
    for (const auto& s : state->panicking) c.say(s + ": all of its instances are ejected");
    if (!state->registry_trouble.empty()) c.say(state->registry_trouble);
    co_return exit_code::done;
}

}  // namespace

verb describe_routes() {
    verb v;
    v.name = "routes";
    v.summary = "What the gateways pass on, to which instances, and which they leave out";
    v.examples = {{"distd routes", "all gateways together"}};
    v.run = &run_routes;
    return v;
}

}  // namespace distd::ops::client
