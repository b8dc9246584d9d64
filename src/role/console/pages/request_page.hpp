// The page of one request: how it ended, which service called which and for how long, and all lines that were
// written meanwhile. Pure.
#pragma once

#include <string>

#include "ops/model/page_snapshot.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

struct request_view {
    std::string asked;  // a trace id, or a request id
    std::string trace{};
    page_snapshot all{};
    source_view<log_lines> lines{};  // of the trace, oldest first
};

inline constexpr std::size_t max_request_lines = 1000;
// What the log service is asked for the lines of a trace; and for one line with that request id.
[[nodiscard]] std::string trace_request(std::string_view trace);
[[nodiscard]] std::string request_id_request(std::string_view id);
[[nodiscard]] bool is_trace_id(std::string_view) noexcept;

[[nodiscard]] live_page make_request_page(const request_view&);

}  // namespace distd::ops::console
