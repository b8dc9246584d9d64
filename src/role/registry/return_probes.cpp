#include "role/registry/return_probes.hpp"

#include <utility>

#include "base/random.hpp"

namespace distd::registry {

return_probes::return_probes(service& s, outgoing_calls& calls, milliseconds timeout,
                             return_function on_return)
    : service_(s),
      calls_(calls),
      timeout_(timeout),
      on_return_(std::move(on_return)),
      bell_(s.loop(), s.time()) {}

void return_probes::put(gone_instances::gone g) {
    gone_.put(std::move(g), service_.time().now(), random_u64());
    bell_.wake();
}

task<> return_probes::run() {
    for (;;) {
        start_probes();
        // With every place taken the end of a probe is the next chance.
        const auto due = under_way_ < max_under_way ? gone_.next_due() : steady_point::max();
        co_await bell_.wait_until(due);
    }
}

void return_probes::start_probes() {
    while (under_way_ < max_under_way) {
        const auto* const g = gone_.take(service_.time().now(), random_u64());
        if (!g) return;
        check(*g);
    }
}

void return_probes::check(const gone_instances::gone& g) {
    auto to = calls_.target_of_one_call(g.that.heartbeat_url, g.that.more().certificate_sha256);
    auto c = status_request(std::move(to));
    c.connect_deadline = c.deadline = g.that.more().heartbeat_timeout.value_or(timeout_);
    ++under_way_;
    calls_.send(std::move(c), [this, url = g.that.url](const result<http::reply>& answer) {
        if (under_way_-- == max_under_way) bell_.wake();
        const auto* const known = gone_.find(url);
        if (known && answer && answer->status == 200) on_return_(*known);
    });
}

}  // namespace distd::registry
