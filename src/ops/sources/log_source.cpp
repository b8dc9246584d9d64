#include "ops/sources/log_source.hpp"

#include <memory>
#include <utility>

#include "base/timestamp.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/answers/log_answers.hpp"
#include "wire/service_names.hpp"

namespace distd::ops {
namespace {

constexpr std::size_t answer_limit = 32 << 20;  // a hundred lines may be long
constexpr std::size_t whole_line = 64'000;      // characters that are shown of one line

}  // namespace

log_source::log_source(service& s)
    : service_(s),
      errors_{
          shared_source<error_counts>(s, "console errors", seconds(5),
                                      [this] { return count_errors(time_range::hour); }),
          shared_source<error_counts>(s, "console errors", seconds(20),
                                      [this] { return count_errors(time_range::day); }),
          shared_source<error_counts>(s, "console errors", seconds(120),
                                      [this] { return count_errors(time_range::month); }),
      },
      lines_(s, "console lines", milliseconds(1800),
             [this](std::string request) { return fetch_lines(std::move(request)); }),
      counts_(s, "console counts", milliseconds(1900),
              [this](std::string request) { return fetch_counts(std::move(request)); }),
      line_(s, "console line", seconds(60), [this](std::string seq) { return fetch_line(std::move(seq)); }) {}

std::string log_source::address() const {
    const auto known = service_.providers(wire::log_service);
    return known.empty() ? std::string() : known.front();
}

task<result<http::reply>> log_source::read(std::string path) {
    http::call c("GET", std::move(path));
    c.deadline = c.connect_deadline = call_deadline;
    c.answer_limit = answer_limit;
    co_return co_await service_.send_to(std::string(wire::log_service), std::move(c));
}

task<fetched<error_counts>> log_source::count_errors(time_range range) {
    const auto from = rfc3339(service_.time().wall() - span_of(range));
    const auto r = co_await read("/log/stats?by=service&level=error&from=" + from);
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<error_counts>{nullptr, std::move(trouble)};
    auto counts = read_error_counts(r->body);
    if (!counts) co_return fetched<error_counts>{nullptr, "its counts cannot be read"};
    co_return fetched<error_counts>{std::make_shared<const error_counts>(*std::move(counts)), {}};
}

task<fetched<log_lines>> log_source::fetch_lines(std::string request) {
    const auto r = co_await read(std::move(request));
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<log_lines>{nullptr, std::move(trouble)};
    auto lines = read_log_lines(r->body);
    co_return fetched<log_lines>{std::make_shared<const log_lines>(std::move(lines)), {}};
}

task<fetched<log_line>> log_source::fetch_line(std::string seq) {
    const auto r = co_await read("/log/context?before=0&after=0&seq=" + std::move(seq));
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<log_line>{nullptr, std::move(trouble)};
    auto lines = read_log_lines(r->body, whole_line);
    if (lines.empty()) co_return fetched<log_line>{nullptr, "it is no longer kept"};
    co_return fetched<log_line>{std::make_shared<const log_line>(std::move(lines.front())), {}};
}

task<fetched<log_counts>> log_source::fetch_counts(std::string request) {
    const auto r = co_await read(std::move(request));
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<log_counts>{nullptr, std::move(trouble)};
    auto counts = read_log_counts(r->body);
    if (!counts) co_return fetched<log_counts>{nullptr, "its counts cannot be read"};
    co_return fetched<log_counts>{std::make_shared<const log_counts>(*std::move(counts)), {}};
}

}  // namespace distd::ops
