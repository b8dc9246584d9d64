// distd top: what passes the gateways now, by service.
#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "client/output/table.hpp"
#include "client/output/times.hpp"
#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/model/town.hpp"
#include "ops/model/words.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

struct top_row {
    std::string name;
    double rate = 0;
    const traffic* passed = nullptr;
    traffic_step last;  // the newest whole step
};

std::vector<top_row> rows_of(const traffic_history& h) {
    std::vector<top_row> out;
    for (const auto& [name, t] : h.services) {
        top_row r{name, rate_of(t, h.step_seconds), &t, {}};
        if (!t.steps.empty()) r.last = t.steps[t.steps.size() > 1 ? t.steps.size() - 2 : 0];
        out.push_back(std::move(r));
    }
    std::ranges::sort(out, [](const auto& a, const auto& b) {
        return std::pair(-a.rate, a.name) < std::pair(-b.rate, b.name);
    });
    return out;
}

std::string latency(std::optional<std::int64_t> us) {
    return us ? as_latency(static_cast<double>(*us)).text() : std::string(nothing);
}

std::string top_text(const std::vector<top_row>& all, const look& l) {
    table rows({{.title = "SERVICE", .may_shrink = true},
                {.title = "RATE", .is_number = true},
                {.title = "P50", .is_number = true},
                {.title = "P95", .is_number = true},
                {.title = "FAILED", .is_number = true},
                {.title = "IN FLIGHT", .is_number = true},
                {.title = "LAST HOUR", .is_number = true}});
    for (const auto& r : all) {
        const auto failed =
            as_percent(static_cast<double>(r.last.failures), static_cast<double>(r.last.requests));
        rows.add({{one_line(r.name, 200)},
                  {shown(as_rate(r.rate).text(), l)},
                  {shown(latency(r.last.took.p50_us), l)},
                  {shown(latency(r.last.took.p95_us), l)},
                  {shown(failed.text(), l), r.last.failures > 0 ? tone::sick : tone::plain},
                  {std::to_string(r.passed->in_flight)},
                  {shown(grouped(r.passed->total.requests), l)}});
    }
    return rows.text(l);
}

boost::json::array top_json(const std::vector<top_row>& all) {
    boost::json::array out;
    const auto number = [](std::optional<std::int64_t> n) {
        return n ? boost::json::value(*n) : boost::json::value(nullptr);
    };
    for (const auto& r : all)
        out.push_back({{"name", r.name},
                       {"per_second", r.rate},
                       {"p50_us", number(r.last.took.p50_us)},
                       {"p95_us", number(r.last.took.p95_us)},
                       {"requests", r.last.requests},
                       {"failed", r.last.failures},
                       {"in_flight", r.passed->in_flight}});
    return out;
}

task<fetched<traffic_history>> look_once(context& c) {
    const auto all = co_await ask_registered(c);
    const auto portals = addresses_of(all, wire::portal_service);
    if (portals.empty())
        co_return fetched<traffic_history>{nullptr, "no gateway (" + std::string(wire::portal_service) +
                                                        ") is registered at " + c.roles.registry_url()};
    auto send = c.roles.anywhere();
    auto found = co_await ask_traffic(std::move(send), portals, "1h");
    if (!found.value) found.trouble = unreachable("the gateway", portals.front(), without_end(found.trouble));
    co_return found;
}

task<int> run_top(context& c) {
    auto left = c.given.number("count");
    const bool is_endless = left == 0;
    while (is_endless || left-- > 0) {
        const auto found = co_await look_once(c);
        if (!found.value) throw cannot_go_on(exit_code::cannot_reach, found.trouble);
        const auto rows = rows_of(*found.value);
        const bool redraws = c.out.to.is_terminal && !c.out.is_json;
        if (redraws)
            c.print("\x1b[H\x1b[2J" + c.out.paint(time_text(c.now(), c.now(), c.out.is_utc), tone::dim) +
                    "\n");
        if (c.out.is_json)
            c.print_json(top_json(rows));
        else
            c.print(top_text(rows, c.out));
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
