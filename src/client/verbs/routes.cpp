// distd routes: what the gateways pass on, to whom, and what they leave out.
#include <boost/json/array.hpp>
#include <utility>

#include "client/output/table.hpp"
#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/model/words.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_text = 300;

std::string routes_text(const gateway_state& g, const look& l) {
    std::string out;
    table routes({{.title = "PATH", .may_shrink = true},
                  {.title = "HOST", .may_shrink = true},
                  {.title = "SERVICE", .may_shrink = true},
                  {.title = "ROUTE"},
                  {.title = "GATEWAY", .may_shrink = true}});
    for (const auto& r : g.routes)
        routes.add({{one_line(r.prefix.empty() ? "/" : r.prefix, max_text)},
                    {shown(r.host.empty() ? std::string(nothing) : one_line(r.host, max_text), l)},
                    {one_line(r.service, max_text)},
                    {one_line(r.name, max_text)},
                    {r.gateway}});
    for (const auto& s : g.services)
        routes.add({{"/api/" + one_line(s, max_text)},
                    {shown(nothing, l)},
                    {one_line(s, max_text)},
                    {shown(nothing, l)},
                    {""}});
    if (!routes.empty()) out += routes.text(l) + "\n";
    table instances({{.title = "SERVICE", .may_shrink = true},
                     {.title = "INSTANCE", .may_shrink = true},
                     {.title = "STATE"},
                     {.title = "IN FLIGHT", .is_number = true},
                     {.title = "REQUESTS", .is_number = true},
                     {.title = "FAILED", .is_number = true}});
    for (const auto& i : g.instances)
        instances.add({{one_line(i.service, max_text)},
                       {one_line(i.url, max_text)},
                       {i.state, i.state == "ejected" ? tone::sick : tone::plain},
                       {std::to_string(i.in_flight)},
                       {std::to_string(i.requests)},
                       {std::to_string(i.failed)}});
    for (const auto& i : g.left_out)
        instances.add({{one_line(i.service, max_text)},
                       {one_line(i.url, max_text)},
                       {"left out: " + one_line(i.reason, max_text), tone::warning}});
    return out + (instances.empty() ? "" : instances.text(l));
}

boost::json::object routes_json(const gateway_state& g) {
    boost::json::array routes, instances, left_out, errors;
    for (const auto& r : g.routes)
        routes.push_back({{"gateway", r.gateway},
                          {"name", r.name},
                          {"service", r.service},
                          {"prefix", r.prefix},
                          {"host", r.host}});
    for (const auto& i : g.instances)
        instances.push_back({{"gateway", i.gateway},
                             {"service", i.service},
                             {"url", i.url},
                             {"state", i.state},
                             {"in_flight", i.in_flight},
                             {"requests", i.requests},
                             {"failed", i.failed}});
    for (const auto& i : g.left_out)
        left_out.push_back({{"service", i.service}, {"url", i.url}, {"reason", i.reason}});
    for (const auto& e : g.errors) errors.push_back(boost::json::string(e));
    return {{"routes", routes}, {"instances", instances}, {"left_out", left_out}, {"errors", errors}};
}

task<int> run_routes(context& c) {
    const auto all = co_await ask_registered(c);
    const auto portals = addresses_of(all, wire::portal_service);
    if (portals.empty())
        throw cannot_go_on(exit_code::cannot_reach,
                           "no gateway (" + std::string(wire::portal_service) + ") is registered at " +
                               c.roles.registry_url() +
                               "\nstart one: distd run --role=portal --registry=" + c.roles.registry_url());
    auto send = c.roles.anywhere();
    const auto state = co_await ask_gateways(std::move(send), portals);
    if (!state.value)
        throw cannot_go_on(exit_code::cannot_reach,
                           unreachable("the gateway", portals.front(), without_end(state.trouble)) +
                               "\nits address is of the registry at " + c.roles.registry_url());
    if (c.out.is_json)
        c.print_json(routes_json(*state.value));
    else
        c.print(routes_text(*state.value, c.out));
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
