#include "client/verbs/routes_text.hpp"

#include <boost/json/array.hpp>

#include "client/output/table.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_text = 300;
constexpr std::size_t url_width = 30;  // of what one copies; other columns give way

}  // namespace

std::string routes_text(const gateway_state& g, const output_style& l) {
    std::string out;
    table routes({{.title = "PATH", .may_shrink = true},
                  {.title = "HOST", .may_shrink = true},
                  {.title = "SERVICE", .may_shrink = true},
                  {.title = "ROUTE", .may_shrink = true},
                  {.title = "GATEWAY", .may_shrink = true}});
    for (const auto& r : g.routes)
        routes.add({{one_line(r.prefix.empty() ? "/" : r.prefix, max_text)},
                    {for_charset(r.host.empty() ? std::string(nothing) : one_line(r.host, max_text), l)},
                    {one_line(r.service, max_text)},
                    {one_line(r.name, max_text)},
                    {r.gateway}});
    for (const auto& s : g.services)
        routes.add({{"/api/" + one_line(s, max_text)},
                    {for_charset(nothing, l)},
                    {one_line(s, max_text)},
                    {for_charset(nothing, l)},
                    {""}});
    if (!routes.empty()) out += routes.text(l) + "\n";
    table instances({{.title = "SERVICE", .may_shrink = true},
                     {.title = "INSTANCE", .may_shrink = true, .min_width = url_width},
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
    if (!instances.empty()) out += instances.text(l);
    table left_out({{.title = "LEFT OUT", .may_shrink = true},
                    {.title = "INSTANCE", .may_shrink = true, .min_width = url_width},
                    {.title = "WHY", .wraps = true}});
    for (const auto& i : g.left_out)
        left_out.add({{one_line(i.service, max_text)},
                      {one_line(i.url, max_text)},
                      {for_charset(one_line(i.reason, max_text), l), tone::warning}});
    if (left_out.empty()) return out;
    return out + (instances.empty() ? "" : "\n") + left_out.text(l);
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

}  // namespace distd::ops::client
