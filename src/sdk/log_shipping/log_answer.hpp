// What a log service's answers say about the lines that it was sent. Pure.
#pragma once

#include <cstdint>
#include <distd/http.hpp>
#include <distd/result.hpp>

namespace distd {

// refused: for what the lines are; they are not sent again. failed: for anything else.
enum class delivery : std::uint8_t { delivered, refused, failed };

struct log_verdict {
    delivery how = delivery::failed;
    std::uint64_t refused_of_batch = 0;  // lines of a delivered batch that were not stored
};

[[nodiscard]] log_verdict judge_log_answer(const result<http::reply>&);
// It is in trouble, or stands in for a log service that is not there: its answer says nothing about what a
// log service takes.
[[nodiscard]] bool is_passing_trouble(const http::reply&) noexcept;
// Answering OPTIONS: it takes several lines in one request.
[[nodiscard]] bool offers_batches(const http::reply&);

}  // namespace distd
