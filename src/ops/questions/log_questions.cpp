#include "ops/questions/log_questions.hpp"

#include <memory>
#include <utility>

#include "base/timestamp.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/log_levels.hpp"

namespace distd::ops {

task<fetched<error_counts>> ask_errors(send_function send, wall_point from) {
    auto question =
        make_question("/log/stats?by=service&level=" + std::string(error_levels) + "&from=" + rfc3339(from));
    const auto r = co_await send(std::move(question));
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<error_counts>{nullptr, std::move(trouble)};
    auto counts = read_error_counts(r->body);
    if (!counts) co_return fetched<error_counts>{nullptr, "its counts cannot be read"};
    co_return fetched<error_counts>{std::make_shared<const error_counts>(*std::move(counts)), {}};
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
    auto question = make_question(std::move(request));
    const auto r = co_await send(std::move(question));
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<log_counts>{nullptr, std::move(trouble)};
    auto counts = read_log_counts(r->body);
    if (!counts) co_return fetched<log_counts>{nullptr, "its counts cannot be read"};
    co_return fetched<log_counts>{std::make_shared<const log_counts>(*std::move(counts)), {}};
}

}  // namespace distd::ops
