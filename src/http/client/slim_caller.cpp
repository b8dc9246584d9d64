#include "http/client/slim_caller.hpp"

#include <algorithm>
#include <vector>

#include "http/client/slim_call.hpp"

namespace distd::http {
namespace {

// There may be a target of its own name for each of very many services.
constexpr resolver::limits name_limits{.names = 100'000, .lookups = 4096};

}  // namespace

slim_core::slim_core(slim_setup s, executor ex, time_source& t, metrics& m, resolver::lookup look_up)
    : setup(std::move(s)),
      loop(ex),
      time(t),
      names(t, std::move(look_up), name_limits),
      pool(setup.pool),
      wait_readable(ex),
      counters(m, setup.metrics_prefix),
      bell(ex, t) {}

void slim_core::begin(slim_request r, status_completion t) {
    if (!stopping) std::make_shared<slim_call>(*this, std::move(r), std::move(t))->start();
}

void slim_core::sweep_by(steady_point due) {
    if (due >= next_sweep) return;
    next_sweep = due;
    bell.wake();
}

steady_point slim_core::sweep() {
    const auto now = time.now();
    std::vector<std::shared_ptr<slim_call>> late;  // what they tell may begin other calls
    for (auto& c : calls)
        if (c.due() <= now) late.push_back(c.shared_from_this());
    for (const auto& c : late) c->end_by_deadline();
    auto next = pool.close_idle(now);
    for (const auto& c : calls) next = std::min(next, c.due());
    return next;
}

void slim_core::stop() {
    stopping = true;
    while (!calls.empty()) calls.front().drop();
    pool.close_all_idle();
}

slim_caller::slim_caller(slim_setup s, executor ex, time_source& t, metrics& m, resolver::lookup look_up)
    : core_(std::make_unique<slim_core>(std::move(s), ex, t, m, std::move(look_up))) {}

slim_caller::~slim_caller() { core_->stop(); }

std::shared_ptr<const call_target> slim_caller::target(std::string_view url) {
    url_error why;
    auto where = split_peer_url(url, why);
    return where ? std::make_shared<const call_target>(core_->pool, std::move(*where)) : nullptr;
}

void slim_caller::send(slim_request r, status_completion t) { core_->begin(std::move(r), std::move(t)); }

task<> slim_caller::run() {
    struct stop_at_end {
        slim_core& core;
        ~stop_at_end() { core.stop(); }
    } guard{*core_};
    for (;;) {
        const auto next = core_->sweep();
        core_->next_sweep = std::max(next, core_->time.now() + client_core::sweep_step);
        co_await core_->bell.wait_until(core_->next_sweep);
    }
}

std::size_t slim_caller::idle_connections() const noexcept { return core_->pool.idle_connections(); }
std::size_t slim_caller::under_way() const noexcept { return core_->calls.size(); }

}  // namespace distd::http
