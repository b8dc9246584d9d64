// What is asked of a log service, and its answers as facts.
#pragma once

#include <distd/time.hpp>
#include <string>

#include "ops/answers/log_answers.hpp"
#include "ops/model/page_snapshot.hpp"
#include "ops/questions/fetched.hpp"

namespace distd::ops {

// By service, since then.
[[nodiscard]] task<fetched<error_counts>> ask_errors(send_function, wall_point from);
// `request`: a path with its query, such as "/log?service=cart&limit=8".
[[nodiscard]] task<fetched<log_lines>> ask_lines(send_function, std::string request,
                                                 std::size_t max_characters = shown_characters);
// Such as "/log/stats?by=level&bucket=60s".
[[nodiscard]] task<fetched<log_counts>> ask_counts(send_function, std::string request);

}  // namespace distd::ops
