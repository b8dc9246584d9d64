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

std::string problem_with(const wire::registration_fields& f) {
    if (auto p = wire::problem_with_name(f.name, "ServiceName"); !p.empty()) return p;
    if (auto p = wire::problem_with_url(f.url, "ServiceURL"); !p.empty()) return p;
    if (auto p = problem_with_optional_url(f.update_url, "ServiceUpdateURL"); !p.empty()) return p;
    if (auto p = problem_with_optional_url(f.heartbeat_url, "HeartbeatURL"); !p.empty()) return p;
    if (f.required_services.size() > wire::max_required_services)
        return "RequiredServices: more than " + std::to_string(wire::max_required_services) + " names";
    for (const auto& name : f.required_services)
        if (auto p = wire::problem_with_text(name, wire::max_name, "RequiredServices"); !p.empty()) return p;
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
    wire::registration_fields f;
    std::optional<json::value> object;
    if (!wire::read_plain_registration(text, f)) {
        object = parse_json(text, error);
        if (!object) return std::nullopt;
        auto read = from_json<fields_on_the_wire>(*object, error);
        if (!read) return std::nullopt;
        f = {std::move(read->ServiceName), std::move(read->ServiceURL), std::move(read->RequiredServices),
             std::move(read->ServiceUpdateURL), std::move(read->HeartbeatURL)};
    }
    if (auto problem = problem_with(f); !problem.empty()) {
        error.text = std::move(problem);
        return std::nullopt;
    }
    auto extras = object ? read_extras(std::move(*object), error) : nullptr;
    if (const auto size = to_members(extras).size(); size > wire::max_extras_bytes)
        error.text = "Tags, Meta and the other added fields come to " + std::to_string(size) +
                     " bytes as JSON; at most " + std::to_string(wire::max_extras_bytes) + " are taken";
    if (!error.text.empty()) return std::nullopt;
    return registration{std::move(f.name),       std::move(f.url),           distinct(f.required_services),
                        std::move(f.update_url), std::move(f.heartbeat_url), std::move(extras)};
}

std::size_t size_of(const registration& r) {
    auto bytes = r.name.size() + r.url.size() + r.update_url.size() + r.heartbeat_url.size();
    for (const auto& name : r.required_services) bytes += name.size();
    return bytes + to_members(r.extras).size();
}

void append_open_object(std::string& out, const registration& r) {
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
}

std::string to_wire(const registration& r) {
    std::string out;
    out.reserve(192 + r.name.size() + 3 * r.url.size());
    append_open_object(out, r);
    out += '}';
    return out;
}

}  // namespace distd
