// GET /gateway/history: what passed through the gateway in the last hours, in equal steps.
#pragma once

#include <distd/time.hpp>
#include <string>
#include <string_view>

#include "role/portal/gateway/upstream_services.hpp"

namespace distd::portal {

struct history_query {
    std::string_view range = "1h";
    std::int64_t steps = 60;
    std::int64_t slots_of_step = 6;  // ten seconds each
    std::string service;             // empty: all, and of their instances the sums only
};

// Empty, or what is wrong with a parameter. An empty parameter was not given.
[[nodiscard]] std::string parse_history_query(std::string_view range, std::string_view points,
                                              history_query& into);

// Of steps and totals in one answer, each of seven figures: it is made on the loop while all others wait.
inline constexpr std::int64_t max_history_sums = 200'000;
inline constexpr std::int64_t few_history_sums = 20'000;  // are made while their request is looked at

[[nodiscard]] std::int64_t history_sums(const history_query&, const upstream_services&);
// Of the answer, about.
[[nodiscard]] std::size_t history_bytes(const history_query&, const upstream_services&);

// Empty, or why the answer would be too large, and what to ask for instead.
[[nodiscard]] std::string problem_with(const history_query&, const upstream_services&);

// `since`: when the gateway began to count.
[[nodiscard]] std::string gateway_history(const upstream_services&, const history_query&, steady_point since,
                                          steady_point now, wall_point wall);

}  // namespace distd::portal
