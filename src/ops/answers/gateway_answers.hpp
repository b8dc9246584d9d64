// The gateway's answers as facts. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/model/facts.hpp"

namespace distd::ops {

[[nodiscard]] std::optional<traffic_history> read_traffic(std::string_view json_text);
// Several gateways together: counts are added up, and of latencies the larger stays.
void merge(traffic_history& into, const traffic_history& other);

struct gateway_route {
    std::string gateway;  // which portal
    std::string name;
    std::string service;
    std::string prefix;
    std::string host;
};
// One that a gateway sends requests to.
struct upstream_instance {
    std::string gateway;
    std::string service;
    std::string url;
    std::string version;
    std::string state;  // in use, warming, ejected
    std::int64_t ejected_for_s = 0;
    double weight = 1;
    std::int64_t in_flight = 0;
    std::int64_t streams = 0;
    std::int64_t requests = 0;
    std::int64_t failed = 0;
    std::int64_t ejections = 0;
};
// One that it could use and does not.
struct left_out_instance {
    std::string service;
    std::string url;
    std::string reason;
};
// How it goes with one that a CA issues by itself.
struct issuing_words {
    bool issued = false;
    std::string state;  // what is waited for
    std::string last_error;
    std::string next_try;  // RFC 3339
    std::string not_saved;
};
// What a gateway shows of itself by TLS.
struct shown_certificate {
    std::string gateway;
    std::string file;  // "acme": of none, a CA issues it
    std::vector<std::string> names;
    std::string until;  // RFC 3339
    std::int64_t days_left = 0;
    std::string invalid;  // why clients refuse it for its time
    std::string refused;  // why what is in the file now is not shown
    std::optional<issuing_words> issuing{};
};
// One that is registered and did not say how it is.
struct silent_gateway {
    std::string gateway;
    std::string reason;
};
struct gateway_state {
    std::vector<gateway_route> routes;
    std::vector<std::string> services;  // that are exposed
    std::vector<upstream_instance> instances;
    std::vector<left_out_instance> left_out;
    std::vector<std::string> panicking;  // services of which all instances are ejected
    std::vector<std::string> errors;     // of their configuration: "gateway/routes/shop: ..."
    std::vector<shown_certificate> certificates;
    std::vector<silent_gateway> silent;
    std::string registry_trouble;  // why one has no word from its registry
};
[[nodiscard]] std::optional<gateway_state> read_gateway_state(std::string_view json_text);

}  // namespace distd::ops
