#include "role/portal/gateway/gateway_status.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/timestamp.hpp"

namespace distd::portal {
namespace {

constexpr std::size_t max_left_out_shown = 1000;  // of a service

// One that was scaled down may be no whole number.
json::value weight_of(const instance_facts& f) {
    const auto whole = static_cast<std::int64_t>(f.weight);
    return static_cast<double>(whole) == f.weight ? json::value(whole) : json::value(f.weight);
}

json::object as_json(const balanced_instance& i, steady_point now) {
    json::object o;
    o["url"] = i.facts.url;
    o["weight"] = weight_of(i.facts);
    if (!i.facts.zone.empty()) o["zone"] = i.facts.zone;
    if (!i.facts.version.empty()) o["version"] = i.facts.version;
    const bool is_warming = i.warm_since && now - *i.warm_since < balancing::slow_start;
    o["state"] = i.is_ejected(now) ? "ejected" : is_warming ? "warming" : "in use";
    if (i.is_ejected(now))
        o["ejected_for_s"] = std::chrono::duration_cast<seconds>(*i.ejected_until - now).count();
    o["in_flight"] = i.in_flight;
    o["streams"] = i.streams;
    o["requests"] = i.requests;
    o["failed"] = i.failed;
    o["ejections"] = i.ejected;
    return o;
}

json::object as_json(const issuing_state& s) {
    json::object o{{"issued", s.is_issued}, {"state", s.doing}};
    if (!s.last_error.empty()) o["last_error"] = s.last_error;
    if (s.next_try) o["next_try"] = rfc3339(*s.next_try);
    if (!s.not_saved.empty()) o["not_saved"] = s.not_saved;
    return o;
}

json::array as_json(const std::vector<certificate_state>& certificates) {
    json::array out;
    for (const auto& c : certificates) {
        json::array names;
        for (const auto& name : c.names) names.push_back(json::string(name));
        json::object row{{"file", c.file},
                         {"names", std::move(names)},
                         {"until", rfc3339(c.until)},
                         {"days_left", c.days_left}};
        if (!c.invalid.empty()) row["invalid"] = c.invalid;
        if (!c.problem.empty()) row["refused"] = c.problem;
        if (c.issuing) row["issuing"] = as_json(*c.issuing);
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace

std::string gateway_status(const upstream_services& f, const gateway_routes::route_table& routes,
                           const std::vector<std::string>& wrong,
                           const std::vector<certificate_state>& certificates, steady_point now) {
    json::object out;
    json::array services;
    for (const auto& [name, s] : f.all()) {
        json::array instances;
        for (const auto& i : s->balance.all()) instances.push_back(as_json(*i, now));
        json::object row{
            {"name", name}, {"panics", s->balance.panics()}, {"instances", std::move(instances)}};
        json::array left_out;
        for (const auto& [url, why] : s->left_out) {
            if (left_out.size() == max_left_out_shown) break;
            left_out.push_back(json::object{{"url", url}, {"reason", why}});
        }
        if (!left_out.empty()) row["left_out"] = std::move(left_out);
        services.push_back(std::move(row));
    }
    out["services"] = std::move(services);
    json::array table;
    for (const auto& r : routes.routes()) {
        json::object row{{"name", r.name}, {"service", r.service}, {"prefix", r.prefix}};
        if (!r.host.empty()) row["host"] = r.host;
        table.push_back(std::move(row));
    }
    out["routes"] = std::move(table);
    json::array errors;
    for (const auto& e : routes.errors()) errors.push_back(json::string(e.key + ": " + e.what));
    for (const auto& text : wrong) errors.push_back(json::string(text));
    out["errors"] = std::move(errors);
    json::object registry{{"reachable", !f.list().away_since().has_value()}};
    if (f.list().away_since()) {
        registry["since"] = rfc3339(*f.list().away_since());
        registry["reason"] = f.list().trouble();
    }
    out["registry"] = std::move(registry);
    if (!certificates.empty()) out["certificates"] = as_json(certificates);
    return to_text(out);
}

}  // namespace distd::portal
