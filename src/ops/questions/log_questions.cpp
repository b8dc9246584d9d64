#include "ops/questions/log_questions.hpp"

#include <memory>
#include <utility>

#include "base/timestamp.hpp"
#include "ops/model/log_levels.hpp"
#include "ops/questions/ask.hpp"

namespace distd::ops {

task<fetched<error_counts>> ask_errors(send_function send, wall_point from) {
    return ask<error_counts>(
        std::move(send),
        "/log/stats?by=service&level=" + std::string(error_levels) + "&from=" + rfc3339(from),
        &read_error_counts, "its counts cannot be read");
}

task<fetched<log_lines>> ask_lines(send_function send, std::string request, std::size_t max_characters) {
    auto question = make_question(std::move(request));
    const auto r = co_await send(std::move(question));
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<log_lines>{nullptr, std::move(trouble)};
    auto lines = read_log_lines(r->body, max_characters);
    co_return fetched<log_lines>{std::make_shared<const log_lines>(std::move(lines)), {}};
}

task<fetched<log_counts>> ask_counts(send_function send, std::string request) {
    return ask<log_counts>(std::move(send), std::move(request), &read_log_counts,
                           "its counts cannot be read");
}

}  // namespace distd::ops
