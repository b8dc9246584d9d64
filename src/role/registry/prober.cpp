#include "role/registry/prober.hpp"

#include <algorithm>
#include <utility>

namespace distd::registry {
namespace {

// Probes that come due within it are sent together: one at a time each would wake a receiver, and us again
// for its answer.
constexpr milliseconds max_step{50};
constexpr int steps_in_interval = 60;

// Empty when the instance is healthy.
std::string failure_of(const result<http::reply>& answer) {
    return answer && answer->status == 200 ? std::string() : failure_text(answer);
}

counter& count(service& s, const char* outcome) {
    return s.metrics().count("distd_registry_probes_total", "Health probes, by outcome",
                             {{"outcome", outcome}});
}

}  // namespace

prober::prober(service& s, outgoing_calls& calls, directory& d, milliseconds interval, record_function record)
    : service_(s),
      calls_(calls),
      directory_(d),
      step_(std::min(interval / steps_in_interval, max_step)),
      record_(std::move(record)),
      passed_(count(s, "passed")),
      failed_(count(s, "failed")),
      bell_(s.loop(), s.time()) {}

task<> prober::run() {
    for (;;) {
        start_probes();
        review_health();
        due_ = next_probes();
        co_await bell_.wait_until(due_);
    }
}

void prober::start_probes() {
    started_ = service_.time().now();
    while (auto next = directory_.health().take(started_)) check(std::move(*next));
}

void prober::review_health() {
    for (auto& c : directory_.review(service_.time().now())) record_(std::move(c));
    const auto& guard = directory_.health().guard();
    if (std::exchange(guard_was_on_, guard.is_on()) == guard.is_on()) return;
    service_.log().warn(guard.is_on() ? "guard_on" : "guard_off",
                        {{"reason", guard.reason()}, {"lost", directory_.health().lost()}});
    record_(guard_change{guard.is_on(), guard.reason()});
}

steady_point prober::next_probes() const noexcept {
    return std::max(directory_.health().next_due(), started_ + step_);
}

void prober::check(health_engine::probe p) {
    auto to = calls_.target(p.heartbeat_url(), directory_.instances().pin_of(p.url(), p.heartbeat_url()));
    auto c = status_request(std::move(to));
    if (c.to && p.goes_to_a_name())
        if (const auto found = calls_.addresses_of(*c.to); !found.empty())
            directory_.health().leads_to(p, found);
    c.connect_deadline = p.timeout();
    c.deadline = p.timeout();
    c.keep = http::answer_reader::keep::failures;
    calls_.send(std::move(c), [this, p, sent = started_](result<http::reply> answer) {
        checked(p, sent, std::move(answer));
    });
}

void prober::checked(const health_engine::probe& p, steady_point sent, result<http::reply> answer) {
    const auto failure = failure_of(answer);
    const auto now = service_.time().now();
    (failure.empty() ? passed_ : failed_).add();
    health_engine::note_answer(p, std::chrono::duration_cast<std::chrono::microseconds>(now - sent),
                               answer ? std::move(answer->body) : std::string());
    if (auto change = directory_.probed(p, failure, now)) record_(std::move(*change));
    if (next_probes() < due_) bell_.wake();
}

}  // namespace distd::registry
