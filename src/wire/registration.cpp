#include "wire/registration.hpp"

#include <algorithm>

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

std::string problem_with(const fields_on_the_wire& f) {
    if (auto p = wire::problem_with_name(f.ServiceName, "ServiceName"); !p.empty()) return p;
    if (auto p = wire::problem_with_url(f.ServiceURL, "ServiceURL"); !p.empty()) return p;
    if (auto p = problem_with_optional_url(f.ServiceUpdateURL, "ServiceUpdateURL"); !p.empty()) return p;
    if (auto p = problem_with_optional_url(f.HeartbeatURL, "HeartbeatURL"); !p.empty()) return p;
    if (f.RequiredServices.size() > wire::most_required_services)
        return "RequiredServices: more than " + std::to_string(wire::most_required_services) + " names";
    for (const auto& name : f.RequiredServices)
        if (auto p = wire::problem_with_text(name, wire::longest_name, "RequiredServices"); !p.empty())
            return p;
    return {};
}

// Each name once, in the order of their first mention. An empty name requires nothing.
std::vector<std::string> distinct(const std::vector<std::string>& names) {
    std::vector<std::string> result;
    for (const auto& name : names)
        if (!name.empty() && std::ranges::find(result, name) == result.end()) result.push_back(name);
    return result;
}

}  // namespace

std::optional<registration> parse_registration(std::string_view text, json_error& error) {
    const auto object = parse_json(text, error);
    if (!object) return std::nullopt;
    auto f = from_json<fields_on_the_wire>(*object, error);
    if (!f) return std::nullopt;
    if (auto problem = problem_with(*f); !problem.empty()) {
        error.text = std::move(problem);
        return std::nullopt;
    }
    auto extras = read_extras(*object, error);
    if (!error.text.empty()) return std::nullopt;
    return registration{std::move(f->ServiceName),     std::move(f->ServiceURL),
                        distinct(f->RequiredServices), std::move(f->ServiceUpdateURL),
                        std::move(f->HeartbeatURL),    std::move(extras)};
}

std::string to_wire(const registration& r) {
    std::string out;
    out.reserve(192 + r.name.size() + 3 * r.url.size());
    out += R"({"ServiceName":)";
    append_json_string(out, r.name);
    out += R"(,"ServiceURL":)";
    append_json_string(out, r.url);
    out += R"(,"RequiredServices":[)";
    for (std::size_t i = 0; i < r.required_services.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, r.required_services[i]);
    }
    out += R"(],"ServiceUpdateURL":)";
    append_json_string(out, r.update_url);
    out += R"(,"HeartbeatURL":)";
    append_json_string(out, r.heartbeat_url);
    if (r.extras) out.append(",").append(to_members(r.extras));
    out += '}';
    return out;
}

}  // namespace distd
