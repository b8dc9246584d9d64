// POST /log: lines come in as plain text (one request, one line, as peers send them), as JSON lines or as a
// JSON array, and are answered once they are durable. Nothing is answered with 200 and dropped: what was
// refused is counted and named.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>
#include <string_view>

#include "role/log/intake/batch.hpp"
#include "role/log/intake/intake_control.hpp"

namespace distd::logs {

inline constexpr std::string_view accepted_types = "text/plain, application/x-ndjson, application/json";

class log_intake {
public:
    log_intake(service&, intake_control&);

    [[nodiscard]] http::handler_result take(http::request);

private:
    // For what has to wait before it is written.
    [[nodiscard]] task<http::response> take_in_turn(http::request);

    intake_control& gate_;
    intake_counters text_;
    intake_counters json_;
};

}  // namespace distd::logs
