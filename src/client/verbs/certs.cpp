// distd certs: which certificates the gateways show, for how long, and what keeps new ones from coming.
#include "client/system/context.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/certs_text.hpp"
#include "client/verbs/verbs.hpp"

namespace distd::ops::client {
namespace {

task<int> run_certs(context& c) {
    const auto state = co_await ask_all_gateways(c);
    const auto& shown = state->certificates;
    if (c.out.is_json)
        c.print_json(certs_json(shown));
    else if (!shown.empty())
        c.print(certs_text(shown, c.out));
    for (const auto& one : state->silent)
        c.say(unreachable("the gateway", one.gateway, without_end(one.reason)));
    if (shown.empty())
        c.say("no gateway listens with TLS: set --tls-listen, and --portal-acme or --tls-cert-file");
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
