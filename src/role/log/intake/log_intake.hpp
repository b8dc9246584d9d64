// POST /log: lines come in as plain text (one request, one line, as peers send them), as JSON lines or as a
// JSON array, and are answered once they are durable. Nothing is answered with 200 and dropped: what was
// refused is counted and named.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>
#include <optional>
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
    struct submission;

    // The answer, where the head is refused.
    [[nodiscard]] static std::optional<http::response> read_head(const http::request&, submission&);
    [[nodiscard]] intake_counters& counters_of(const submission&);
    // Waits for nothing but the disk.
    [[nodiscard]] http::handler_result take_at_once(const http::request&, submission);
    // What is read on another thread, or waits for memory or for the store to catch up.
    [[nodiscard]] task<http::response> take_in_turn(http::request, submission);

    intake_control& control_;
    intake_counters text_;
    intake_counters json_;
};

}  // namespace distd::logs
