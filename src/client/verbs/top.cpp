// distd top: what passes the gateways now, by service.
#include <utility>

#include "client/output/times.hpp"
#include "client/system/context.hpp"
#include "client/system/reconnection.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/top_text.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

// The gateways of a system, looked at again and again.
class gateway_watch {
public:
    explicit gateway_watch(context& c) : c_(c) {}

    // The figures of all of them together. Throws verb_failure when there never was one.
    task<fetched<traffic_history>> ask();
    [[nodiscard]] const std::string& address() const { return gateways_.front(); }

private:
    task<> find_gateways();

    context& c_;
    std::vector<std::string> gateways_;
};

task<fetched<traffic_history>> gateway_watch::ask() {
    co_await find_gateways();
    auto send = c_.roles.anywhere();
    co_return co_await ask_traffic(std::move(send), gateways_, "1h");
}

// While the registry is away, or lists no gateway, they are looked for where they were.
task<> gateway_watch::find_gateways() {
    try {
        const auto all = co_await ask_registered(c_);
        gateways_ = gateways_among(c_, all);
    } catch (const access_refused&) {
        throw;
    } catch (const verb_failure&) {
        if (gateways_.empty()) throw;
    }
}

void draw(const context& c, const traffic_history& h) {
    if (c.out.is_json) return c.print_json(top_json(h));
    std::string head;
    if (c.out.to.is_terminal)
        head = "\x1b[H\x1b[2J" + c.out.paint(time_text(c.now(), c.now(), c.out.is_utc), tone::dim) + "\n";
    c.print(head + top_text(h, c.out));
}

// A gateway that was there once is waited for, but not by the last of so many looks.
task<int> run_top(context& c) {
    gateway_watch gateways(c);
    reconnection gateway(c, "the gateway");
    const auto count = c.given.number("count");  // 0: until Ctrl-C
    bool was_there = false;
    for (std::int64_t looks = 1;; ++looks) {
        const auto found = co_await gateways.ask();
        if (found.value) {
            was_there = true;
            draw(c, *found.value);
            gateway.found();
        } else if (!was_there || looks == count) {
            throw away(c, "the gateway", wire::portal_service, gateways.address(), found.trouble);
        }
        if (looks == count) co_return exit_code::done;
        if (found.value) {
            co_await sleep_for(c.time, c.given.duration("delay"));
        } else {
            auto detail = " at " + gateways.address() + " (" + without_end(found.trouble) + ")";
            co_await gateway.lost(std::move(detail));
        }
    }
}

}  // namespace

verb describe_top() {
    verb v;
    v.name = "top";
    v.summary = "What passes the gateways now: rate, latencies, failures of each service, live";
    v.details =
        "Of the last minute at all gateways together. A gateway that is lost is waited for; standard "
        "error "
        "says so, and when it is back.";
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
