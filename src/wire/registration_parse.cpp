// The reading of a registration; its writing is in registration.cpp.
#include "wire/registration.hpp"

#include <algorithm>

#include "wire/plain_registration.hpp"
#include "wire/rules.hpp"

namespace distd {
namespace {

// The fields as they are read; `from_json` takes every spelling, and null for missing.
struct fields_on_the_wire {
    std::string ServiceName;
    std::string ServiceURL;
    std::vector<std::string> RequiredServices;
    std::string ServiceUpdateURL;
    std::string HeartbeatURL;
};
BOOST_DESCRIBE_STRUCT(fields_on_the_wire, (),
                      (ServiceName, ServiceURL, RequiredServices, ServiceUpdateURL, HeartbeatURL))

std::string problem_with_optional_url(const std::string& url, std::string_view what) {
    return url.empty() ? std::string() : wire::problem_with_url(url, what);
}

std::string problem_with(const registration& r) {
    if (auto p = wire::problem_with_name(r.name, "ServiceName"); !p.empty()) return p;
    if (auto p = wire::problem_with_url(r.url, "ServiceURL"); !p.empty()) return p;
    if (auto p = problem_with_optional_url(r.update_url, "ServiceUpdateURL"); !p.empty()) return p;
    if (auto p = problem_with_optional_url(r.heartbeat_url, "HeartbeatURL"); !p.empty()) return p;
    if (r.required_services.size() > wire::max_required_services)
        return "RequiredServices: more than " + std::to_string(wire::max_required_services) + " names";
    for (const auto& name : r.required_services)
        if (auto p = wire::problem_with_text(name, wire::max_name, "RequiredServices"); !p.empty()) return p;
    return {};
}

// Each name once, in the order of their first mention. An empty name requires nothing.
void make_distinct(std::vector<std::string>& names) {
    auto kept = names.begin();
    for (auto& name : names) {
        if (name.empty() || std::find(names.begin(), kept, name) != kept) continue;
        if (&*kept != &name) *kept = std::move(name);
        ++kept;
    }
    names.erase(kept, names.end());
}

}  // namespace

std::optional<registration> parse_registration(std::string_view text, json_error& error) {
    std::optional<registration> r(std::in_place);
    std::optional<json::value> object;
    if (!wire::read_plain_registration(text, *r)) {
        object = parse_json(text, error);
        if (!object) return std::nullopt;
        auto read = from_json<fields_on_the_wire>(*object, error);
        if (!read) return std::nullopt;
        *r = {std::move(read->ServiceName), std::move(read->ServiceURL), std::move(read->RequiredServices),
              std::move(read->ServiceUpdateURL), std::move(read->HeartbeatURL)};
    }
    if (auto problem = problem_with(*r); !problem.empty()) {
        error.text = std::move(problem);
        return std::nullopt;
    }
    if (object) r->extras = read_extras(std::move(*object), error);
    if (const auto size = to_members(r->extras).size(); size > wire::max_extras_bytes)
        error.text = "Tags, Meta and the other added fields come to " + std::to_string(size) +
                     " bytes as JSON; at most " + std::to_string(wire::max_extras_bytes) + " are taken";
    if (!error.text.empty()) return std::nullopt;
    make_distinct(r->required_services);
    return r;
}

}  // namespace distd
