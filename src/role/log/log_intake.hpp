// POST /log: lines come in as plain text (one request, one line, as peers send them), as JSON lines or as a
// JSON array, and are answered once they are durable. Nothing is answered with 200 and dropped: what was
// refused is counted and named.
#pragma once

#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <distd/service.hpp>
#include <string_view>

#include "role/log/core/batch.hpp"
#include "role/log/log_store.hpp"

namespace distd::logs {

inline constexpr std::string_view accepted_types = "text/plain, application/x-ndjson, application/json";

class log_intake {
public:
    log_intake(service&, log_store&);

    [[nodiscard]] task<http::response> take(http::request);

private:
    [[nodiscard]] task<http::response> take_text(http::request, std::string id);
    [[nodiscard]] task<http::response> take_batch(http::request, std::string id, bool is_lines);
    [[nodiscard]] task<result<batch>> read(std::string_view body, bool is_lines);
    [[nodiscard]] std::int64_t now_ns() const;

    service& service_;
    log_store& store_;
    counter& stored_;
    counter& refused_;
    counter& repeated_;
};

}  // namespace distd::logs
