// distd top: what passes the gateways now, by service.
#include <utility>

#include "client/output/times.hpp"
#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/verbs/top_text.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

task<std::shared_ptr<const traffic_history>> look_once(context& c) {
    const auto all = co_await ask_registered(c);
    const auto portals = gateways_among(c, all);
    auto send = c.roles.anywhere();
    auto found = co_await ask_traffic(std::move(send), portals, "1h");
    if (!found.value) throw away(c, "the gateway", wire::portal_service, portals.front(), found.trouble);
    co_return std::move(found.value);
}

task<int> run_top(context& c) {
    auto left = c.given.number("count");
    const bool is_endless = left == 0;
    while (is_endless || left-- > 0) {
        const auto found = co_await look_once(c);
        const bool redraws = c.out.to.is_terminal && !c.out.is_json;
        if (redraws)
            c.print("\x1b[H\x1b[2J" + c.out.paint(time_text(c.now(), c.now(), c.out.is_utc), tone::dim) +
                    "\n");
        if (c.out.is_json)
            c.print_json(top_json(*found));
        else
            c.print(top_text(*found, c.out));
        if (is_endless || left > 0) co_await sleep_for(c.time, c.given.duration("delay"));
    }
    co_return exit_code::done;
}

}  // namespace

verb describe_top() {
    verb v;
    v.name = "top";
    v.summary = "What passes the gateways now: rate, latencies, failures of each service, live";
    v.details = "Of the last whole minute at all gateways together.";
    v.options = {{'d',
                  {.name = "delay",
                   .kind = setting_kind::duration,
                   .fallback = "2s",
                   .help = "Between two looks",
                   .placeholder = "TIME",
                   .min = 100}},
                 {'n',
                  {.name = "count",
                   .kind = setting_kind::integer,
                   .fallback = {},
                   .help = "End after so many looks"}}};
    v.examples = {{"distd top", "until Ctrl-C"}, {"distd top -n 1 --json", "once, as JSON"}};
    v.run = &run_top;
    return v;
}

}  // namespace distd::ops::client
