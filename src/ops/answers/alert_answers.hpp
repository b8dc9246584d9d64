// The registry's answer about its alerts as facts. Pure.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::ops {

// A message that was sent, or was not.
struct alert_attempt {
    std::optional<wall_point> at;
    std::string service;
    std::string what;
    std::string reason;       // why it was not; empty: it was
    std::int64_t status = 0;  // 0: there was no answer
};
struct alert_waiting {
    std::string service;
    std::string what;
    std::string reason;
    std::optional<wall_point> since;
    std::int64_t tries = 0;
};
// Lost, and not reported yet: not for long enough, or it was reported a while ago.
struct alert_held {
    std::string service;
    std::optional<wall_point> since;
    std::optional<wall_point> due;
};
struct alert_facts {
    std::string name;
    std::string fault;  // of its value: it does nothing
    std::string url;    // as much of it as is no secret
    std::string method;
    std::vector<std::string> on;
    std::vector<std::string> services;
    std::string after;
    std::string again;
    std::int64_t delivered = 0;
    std::int64_t failed = 0;
    std::optional<alert_attempt> last_delivery;
    std::optional<alert_attempt> failure;
    std::int64_t pending_count = 0;
    std::vector<alert_waiting> pending;  // some of them
    std::vector<alert_held> held;
    std::optional<wall_point> next_try;

    // What was sent last did not arrive.
    [[nodiscard]] bool is_failing() const noexcept;
};

[[nodiscard]] std::optional<std::vector<alert_facts>> read_alerts(std::string_view json_text);

}  // namespace distd::ops
