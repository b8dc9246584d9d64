#include "ops/answers/gateway_answers.hpp"

#include <algorithm>
#include <distd/json.hpp>

namespace distd::ops {

BOOST_DESCRIBE_STRUCT(issuing_words, (), (issued, state, last_error, next_try, not_saved))

namespace {

using numbers = std::vector<std::optional<std::int64_t>>;

struct totals {
    std::int64_t seconds = 0;  // of `recent`
    std::int64_t requests = 0;
    std::int64_t failures = 0;
    std::optional<std::int64_t> retries;
    std::optional<std::int64_t> p50_us;
    std::optional<std::int64_t> p95_us;
    std::optional<std::int64_t> p99_us;
};
BOOST_DESCRIBE_STRUCT(totals, (), (seconds, requests, failures, retries, p50_us, p95_us, p99_us))
struct instance_row {
    std::string url;
    numbers requests, failures, p50_us, p95_us, p99_us;
    std::int64_t in_flight = 0;
    totals total;
};
BOOST_DESCRIBE_STRUCT(instance_row, (), (url, requests, failures, p50_us, p95_us, p99_us, in_flight, total))

struct service_row {
    std::string name;
    numbers requests, failures, p50_us, p95_us, p99_us;
    std::int64_t in_flight = 0;
    totals total;
    std::optional<totals> recent;  // older gateways do not tell
    std::vector<instance_row> instances;
};
BOOST_DESCRIBE_STRUCT(service_row, (),
                      (name, requests, failures, p50_us, p95_us, p99_us, in_flight, total, recent, instances))

struct history_answer {
    std::string range;
    std::int64_t step_seconds = 60;
    std::vector<service_row> services;
};
BOOST_DESCRIBE_STRUCT(history_answer, (), (range, step_seconds, services))

struct route_row {
    std::string name, service, prefix, host;
};
BOOST_DESCRIBE_STRUCT(route_row, (), (name, service, prefix, host))
struct upstream_row {
    std::string url, version, state;
    double weight = 1;
    std::int64_t ejected_for_s = 0, in_flight = 0, streams = 0, requests = 0, failed = 0, ejections = 0;
};
BOOST_DESCRIBE_STRUCT(upstream_row, (),
                      (url, version, state, weight, ejected_for_s, in_flight, streams, requests, failed,
                       ejections))
struct left_out_row {
    std::string url, reason;
};
BOOST_DESCRIBE_STRUCT(left_out_row, (), (url, reason))
struct exposed_row {
    std::string name;
    std::vector<upstream_row> instances;
    std::vector<left_out_row> left_out;
};
BOOST_DESCRIBE_STRUCT(exposed_row, (), (name, instances, left_out))
struct registry_row {
    bool reachable = true;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(registry_row, (), (reachable, reason))
struct certificate_row {
    std::string file, until, invalid, refused;
    std::vector<std::string> names;
    std::int64_t days_left = 0;
    std::optional<issuing_words> issuing;
};
BOOST_DESCRIBE_STRUCT(certificate_row, (), (file, until, invalid, refused, names, days_left, issuing))
struct state_answer {
    std::vector<route_row> routes;
    std::vector<exposed_row> services;
    std::vector<std::string> errors;
    registry_row registry;
    std::vector<certificate_row> certificates;
};
BOOST_DESCRIBE_STRUCT(state_answer, (), (routes, services, errors, registry, certificates))

std::optional<std::int64_t> at(const numbers& n, std::size_t i) { return i < n.size() ? n[i] : std::nullopt; }

traffic_step to_step(const totals& t) {
    return {t.requests, t.failures, {t.p50_us, t.p95_us, t.p99_us}, t.retries};
}

template <class Row>
traffic to_traffic(const Row& row) {
    traffic t;
    for (std::size_t i = 0; i < row.requests.size(); ++i)
        t.steps.push_back({at(row.requests, i).value_or(0),
                           at(row.failures, i).value_or(0),
                           {at(row.p50_us, i), at(row.p95_us, i), at(row.p99_us, i)}});
    t.total = to_step(row.total);
    t.in_flight = row.in_flight;
    return t;
}

void merge(traffic_step& into, const traffic_step& other) {
    into.requests += other.requests;
    into.failures += other.failures;
    if (other.retries) into.retries = into.retries.value_or(0) + *other.retries;
    into.took.p50_us = std::max(into.took.p50_us, other.took.p50_us);
    into.took.p95_us = std::max(into.took.p95_us, other.took.p95_us);
    into.took.p99_us = std::max(into.took.p99_us, other.took.p99_us);
}

void merge(traffic& into, const traffic& other) {
    into.steps.resize(std::max(into.steps.size(), other.steps.size()));
    for (std::size_t i = 0; i < other.steps.size(); ++i) merge(into.steps[i], other.steps[i]);
    merge(into.total, other.total);
    merge(into.recent, other.recent);
    if (other.rate) into.rate = into.rate.value_or(0) + *other.rate;
    into.in_flight += other.in_flight;
    for (const auto& [url, t] : other.instances) merge(into.instances[url], t);
}

void add_service(gateway_state& out, exposed_row row) {
    for (auto& i : row.instances)
        out.instances.push_back({{},
                                 row.name,
                                 std::move(i.url),
                                 std::move(i.version),
                                 std::move(i.state),
                                 i.ejected_for_s,
                                 i.weight,
                                 i.in_flight,
                                 i.streams,
                                 i.requests,
                                 i.failed,
                                 i.ejections});
    for (auto& l : row.left_out) out.left_out.push_back({row.name, std::move(l.url), std::move(l.reason)});
    const bool all_ejected =
        !row.instances.empty() &&
        std::ranges::all_of(out.instances.end() - static_cast<std::ptrdiff_t>(row.instances.size()),
                            out.instances.end(), [](const auto& i) { return i.state == "ejected"; });
    if (all_ejected) out.panicking.push_back(row.name);
    out.services.push_back(std::move(row.name));
}

}  // namespace

std::optional<traffic_history> read_traffic(std::string_view json_text) {
    json_error ignored;
    const auto answer = from_json<history_answer>(json_text, ignored);
    if (!answer) return std::nullopt;
    traffic_history out;
    out.step_seconds = std::max<std::int64_t>(answer->step_seconds, 1);
    out.range_seconds = answer->range == "6h" ? 6 * 3600 : 3600;
    for (const auto& s : answer->services) {
        auto& t = out.services[s.name] = to_traffic(s);
        if (s.recent && s.recent->seconds > 0) {
            t.recent = to_step(*s.recent);
            t.rate = static_cast<double>(s.recent->requests) / static_cast<double>(s.recent->seconds);
        }
        for (const auto& i : s.instances) t.instances[i.url] = to_traffic(i);
    }
    return out;
}

void merge(traffic_history& into, const traffic_history& other) {
    for (const auto& [name, t] : other.services) merge(into.services[name], t);
}

std::optional<gateway_state> read_gateway_state(std::string_view json_text) {
    json_error ignored;
    auto answer = from_json<state_answer>(json_text, ignored);
    if (!answer) return std::nullopt;
    gateway_state out;
    for (auto& r : answer->routes)
        out.routes.push_back(
            {{}, std::move(r.name), std::move(r.service), std::move(r.prefix), std::move(r.host)});
    for (auto& s : answer->services) add_service(out, std::move(s));
    for (auto& c : answer->certificates)
        out.certificates.push_back({{},
                                    std::move(c.file),
                                    std::move(c.names),
                                    std::move(c.until),
                                    c.days_left,
                                    std::move(c.invalid),
                                    std::move(c.refused),
                                    std::move(c.issuing)});
    out.errors = std::move(answer->errors);
    if (!answer->registry.reachable)
        out.registry_trouble =
            answer->registry.reason.empty() ? "it does not answer" : answer->registry.reason;
    return out;
}

}  // namespace distd::ops
