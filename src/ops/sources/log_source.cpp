#include "ops/sources/log_source.hpp"

#include <memory>
#include <utility>

#include "ops/answers/call_words.hpp"
#include "ops/model/time_window.hpp"
#include "ops/questions/log_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops {
namespace {

constexpr std::size_t whole_line = 64'000;  // characters that are shown of one line

}  // namespace

log_source::log_source(service& s)
    : service_(s),
      presence_(s, "console log service", presence_age, [this] { return look_for_it(); }),
      errors_{
          shared_source<error_counts>(s, "console errors", seconds(5),
                                      [this] { return count_errors(time_range::hour); }),
          shared_source<error_counts>(s, "console errors", seconds(20),
                                      [this] { return count_errors(time_range::day); }),
          shared_source<error_counts>(s, "console errors", seconds(120),
                                      [this] { return count_errors(time_range::month); }),
      },
      lines_(s, "console lines", milliseconds(1800),
             [this](std::string request) { return ask_lines(sender(), std::move(request)); }),
      counts_(s, "console counts", milliseconds(1900),
              [this](std::string request) { return ask_counts(sender(), std::move(request)); }),
      line_(s, "console line", seconds(60), [this](std::string seq) { return fetch_line(std::move(seq)); }) {}

std::string log_source::address() const {
    const auto known = service_.providers(wire::log_service);
    return known.empty() ? std::string() : known.front();
}

send_function log_source::sender() {
    return [this](http::call c) { return service_.send_to(std::string(wire::log_service), std::move(c)); };
}

task<fetched<bool>> log_source::look_for_it() {
    auto question = make_question("/heartbeat");
    const auto r = co_await service_.send_to(std::string(wire::log_service), std::move(question));
    co_return fetched<bool>{std::make_shared<const bool>(true), r ? std::string() : trouble_of(r)};
}

task<fetched<error_counts>> log_source::count_errors(time_range range) {
    const auto span = std::chrono::duration_cast<seconds>(span_of(range));
    return ask_errors(sender(), window_before(service_.time().wall(), span).from);
}

task<fetched<log_line>> log_source::fetch_line(std::string seq) {
    auto send = sender();
    const auto found =
        co_await ask_lines(std::move(send), "/log/context?before=0&after=0&seq=" + seq, whole_line);
    if (!found.trouble.empty()) co_return fetched<log_line>{nullptr, found.trouble};
    if (found.value->empty()) co_return fetched<log_line>{nullptr, "it is no longer kept"};
    co_return fetched<log_line>{std::make_shared<const log_line>(found.value->front()), {}};
}

}  // namespace distd::ops
