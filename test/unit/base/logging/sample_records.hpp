// Records as tests of their forms use them.
#pragma once

#include <catch2/catch.hpp>
#include <distd/json.hpp>
#include <string>
#include <string_view>

#include "base/logging/log_records.hpp"

namespace distd::test {

inline constexpr wall_point noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} +
                                 std::chrono::hours(4) + std::chrono::minutes(5) + seconds(6) +
                                 milliseconds(123)};

inline access_record request_for(std::string_view path) {
    return {.time = noon,
            .source = "GradingService",
            .request_id = "7f3a",
            .trace_id = "4bf92f35",
            .span_id = "a3ce",
            .parent_id = "",
            .remote = "127.0.0.1",
            .method = "GET",
            .path = path,
            .status = 200,
            .sent_bytes = 1234,
            .duration_us = 412,
            .level = log_level::info,
            .internal = false};
}

inline json::object parsed(const std::string& text) {
    json_error error;
    auto v = parse_json(text, error);
    INFO(text << ": " << error.text);
    REQUIRE(v);
    return v->as_object();
}

}  // namespace distd::test
