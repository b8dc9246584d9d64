// distd certs: which certificates the gateways show, for how long, and what keeps new ones from coming.
#include <utility>

#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/system/roles_client.hpp"
#include "client/verbs/certs_text.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

task<int> run_certs(context& c) {
    const auto all = co_await ask_registered(c);
    const auto portals = gateways_among(c, all);
    auto send = c.roles.anywhere();
    const auto state = co_await ask_gateways(std::move(send), portals);
    if (!state.value) throw away(c, "the gateway", wire::portal_service, portals.front(), state.trouble);
    const auto& shown = state.value->certificates;
    if (c.out.is_json)
        c.print_json(certs_json(shown));
    else if (!shown.empty())
        c.print(certs_text(shown, c.out));
    for (const auto& one : state.value->silent)
        c.say(unreachable("the gateway", one.gateway, without_end(one.reason)));
    if (shown.empty())
        c.say(
            "no gateway listens with TLS: --tls-listen with --portal-acme, or with --tls-cert-file, makes "
            "it");
    co_return exit_code::done;
}

}  // namespace

verb describe_certs() {
    verb v;
    v.name = "certs";
    v.summary = "The certificates that the gateways show: days left, the last error, the next try";
    v.examples = {{"distd certs", "all gateways together"}};
    v.run = &run_certs;
    return v;
}

}  // namespace distd::ops::client
