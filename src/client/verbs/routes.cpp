// distd routes: what the gateways pass on, to whom, and what they leave out.
#include <utility>

#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/verbs/routes_text.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/model/words.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

task<int> run_routes(context& c) {
    const auto all = co_await ask_registered(c);
    const auto portals = gateways_among(c, all);
    auto send = c.roles.anywhere();
    const auto state = co_await ask_gateways(std::move(send), portals);
    if (!state.value) throw away(c, "the gateway", wire::portal_service, portals.front(), state.trouble);
    if (c.out.is_json)
        c.print_json(routes_json(*state.value));
    else
        c.print(routes_text(*state.value, c.out));
    if (state.value->routes.empty() && state.value->services.empty())
        c.say(
            "no routes, and no service is exposed: distd config set gateway/services '[\"cart\"]' exposes "
            "cart");
    for (const auto& e : state.value->errors) c.say("configuration: " + one_line(e, 1000));
    for (const auto& s : state.value->panicking) c.say(s + ": all of its instances are ejected");
    if (!state.value->registry_trouble.empty()) c.say(state.value->registry_trouble);
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
