// A request through all services, out of the lines that they wrote of it: which called which, for how long,
// and which of them it failed for. Pure.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ops/model/facts.hpp"

namespace distd::ops {

using microseconds = std::chrono::microseconds;

// One service's part in it, as its line `request` tells.
struct request_span {
    std::string service;
    std::string method;
    std::string path;
    std::string span;
    std::string parent;
    std::string reason;
    std::string request_id;
    std::int64_t status = 0;
    microseconds took{0};
    wall_point begin{};
    std::uint64_t seq = 0;
    std::size_t depth = 0;  // below those that called it

    [[nodiscard]] bool has_failed() const noexcept { return status >= 500; }
};

struct request_tree {
    std::vector<request_span> spans;  // each behind its caller, in the order of their begin
    std::vector<std::string> others;  // services that wrote lines, but none of a request
    std::size_t services = 0;
    std::size_t lines = 0;
    wall_point begin{};
    microseconds took{0};  // from the first begin to the last end
};
[[nodiscard]] request_tree make_request_tree(const std::vector<log_line>&);

// "502 POST /api/cart/pay took 2.01 s", in parts: the status is shown in its colour.
struct request_headline {
    std::string status;
    std::string rest;
    std::string before_name;  // "It waited 1.99 s for "; empty: there is nobody to name
    std::string name;
    std::string after_name;
    bool has_failed = false;
};
[[nodiscard]] request_headline make_request_headline(const request_tree&);

}  // namespace distd::ops
