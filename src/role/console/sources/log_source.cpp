#include "role/console/sources/log_source.hpp"

#include <memory>
#include <utility>

#include "base/timestamp.hpp"
#include "role/console/model/log_answers.hpp"
#include "role/console/sources/call_words.hpp"

namespace distd::console {
namespace {

constexpr auto log_service = "LogService";

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
             [this](std::string query) { return fetch_lines(std::move(query)); }) {}

std::string log_source::address() const {
    const auto known = service_.providers(log_service);
    return known.empty() ? std::string() : known.front();
}

task<result<http::reply>> log_source::read(std::string path) {
    http::call c("GET", std::move(path));
    c.deadline = c.connect_deadline = call_deadline;
    co_return co_await service_.send_to(log_service, std::move(c));
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

task<fetched<log_lines>> log_source::fetch_lines(std::string query) {
    const auto r = co_await read("/log?" + query);
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<log_lines>{nullptr, std::move(trouble)};
    co_return fetched<log_lines>{std::make_shared<const log_lines>(read_log_lines(r->body)), {}};
}

}  // namespace distd::console
