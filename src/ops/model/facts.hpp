// What the sources tell, as plain values: instances, events, health over time, traffic. Pure. Everything that
// an older or foreign registry does not tell is optional, and is shown as a dash or as dots.
#pragma once

#include <array>
#include <cstdint>
#include <distd/time.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace distd::ops {

// One part of a health bar. The order is that of importance: of several the largest is shown.
enum class health_cell : std::uint8_t { unknown, well, drained, lost };
inline constexpr std::size_t bar_cells = 60;
using health_bar = std::array<health_cell, bar_cells>;

struct instance {
    std::string name;
    std::string url;
    std::string machine;  // host of the URL
    std::string version;
    std::string zone;
    std::int64_t weight = 1;
    std::vector<std::string> tags;
    std::vector<std::string> required;
    std::string health;  // the registry's word: passing, lost, unproven, unchecked
    std::optional<wall_point> since;
    std::string reason;  // of the last failure
    std::string failure_answer;
    bool is_guarded = false;  // lost, but offered all the same
    bool is_drained = false;
    std::optional<wall_point> drained_since;
    std::string drain_reason;
    std::optional<wall_point> registered_at;
    std::optional<double> probe_ms;
};

struct missing_service {
    std::string name;
    std::vector<std::string> required_by;
};

struct failure_guard {
    bool is_active = false;
    std::optional<wall_point> until;
    std::string reason;
};

struct event {
    std::uint64_t index = 0;
    wall_point at{};
    std::string type;
    std::string name;
    std::string url;
    std::string reason;
    std::string actor;
    std::string key;  // of a configuration change
    std::optional<std::int64_t> version;
    std::optional<std::int64_t> was;
};

// By the URL of the instance.
using health_bars = std::map<std::string, health_bar, std::less<>>;

struct latencies {
    std::optional<std::int64_t> p50_us;
    std::optional<std::int64_t> p95_us;
    std::optional<std::int64_t> p99_us;
};

struct traffic_step {
    std::int64_t requests = 0;
    std::int64_t failures = 0;
    latencies took;
    std::optional<std::int64_t> retries{};  // of a service in all; older gateways do not tell
};

struct traffic {
    std::vector<traffic_step> steps;  // oldest first
    traffic_step total;
    traffic_step recent{};         // of a service in the last minute, and its rate then: not known before ten
    std::optional<double> rate{};  // seconds have been counted
    std::int64_t in_flight = 0;
    std::map<std::string, traffic, std::less<>> instances;  // by URL
};

struct traffic_history {
    std::int64_t step_seconds = 60;
    std::int64_t range_seconds = 3600;
    std::map<std::string, traffic, std::less<>> services;
};

struct log_line {
    std::uint64_t seq = 0;
    std::optional<wall_point> at;
    std::string level;
    std::string service;
    std::string message;
    std::string trace;
    std::string fields;                                        // the others, as name=value
    bool is_request = false;                                   // of a request: the message says what it was
    std::vector<std::pair<std::string, std::string>> members;  // the others by name, each value as text

    [[nodiscard]] std::string_view member(std::string_view name) const noexcept;  // empty: it has none
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const noexcept;
};

// How many lines there are of each level in each step of time.
struct log_counts {
    struct row {
        std::optional<wall_point> at;
        std::string level;
        std::int64_t count = 0;
    };
    std::vector<row> rows;
    std::string incomplete;  // why not all were counted; empty: all were
};

}  // namespace distd::ops
