#include "http/client/client_core.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace distd::http {
namespace {

counter& outcome(metrics& m, const std::string& prefix, const char* name) {
    return m.count(prefix + "_requests_total", "Outgoing calls by how they ended.", {{"outcome", name}});
}

}  // namespace

task<> call_watch::wait() {
    if (!bell_) bell_.emplace(loop_, time_);
    if (std::exchange(rung_, false)) co_return;
    co_await bell_->wait();
}

void call_watch::ring() noexcept {
    if (bell_)
        bell_->wake();
    else
        rung_ = true;
}

void call_watch::end(errc why) noexcept {
    if (verdict_) return;
    verdict_ = why;
    if (socket_) {
        boost::system::error_code ignored;  // closed it is in any case
        socket_->close(ignored);
    }
    ring();
}

client_counters::client_counters(metrics& m, const std::string& prefix)
    : answered(outcome(m, prefix, "answered")),
      unreachable(outcome(m, prefix, "unreachable")),
      timed_out(outcome(m, prefix, "timed_out")),
      connection_lost(outcome(m, prefix, "connection_lost")),
      bad_answer(outcome(m, prefix, "bad_answer")),
      refused(outcome(m, prefix, "refused")),
      overloaded(outcome(m, prefix, "overloaded")),
      stopped(outcome(m, prefix, "stopped")),
      cancelled(outcome(m, prefix, "cancelled")),
      connections(m.count(prefix + "_connections_total", "Connections opened for outgoing calls.")),
      reused(m.count(prefix + "_connections_reused_total", "Outgoing calls on a kept connection.")) {}

void client_counters::ended(std::optional<errc> failure) noexcept {
    if (!failure) return answered.add();
    switch (*failure) {
        case errc::unreachable: return unreachable.add();
        case errc::timed_out: return timed_out.add();
        case errc::connection_lost: return connection_lost.add();
        case errc::bad_answer: return bad_answer.add();
        case errc::overloaded: return overloaded.add();
        case errc::stopped: return stopped.add();
        default: return refused.add();
    }
}

client_core::client_core(client_setup s, executor ex, time_source& t, metrics& m, resolver::lookup look_up)
    : setup(std::move(s)),
      loop(ex),
      time(t),
      names(t, std::move(look_up)),
      pool(setup),
      wait_readable(ex),
      counters(std::in_place, m, "distd_client"),
      sweep_bell_(ex, t) {}

void client_core::watch(call_watch& w, steady_point due, errc why) {
    if (!w.is_linked()) calls_.push_back(w);
    w.due_ = due;
    w.when_due_ = why;
    sweep_by(due);
}

void client_core::keep(client_pool::place& p, std::unique_ptr<client_connection> c) {
    if (stopping) return;
    const auto now = time.now();
    pool.give_back(p, std::move(c), now);
    sweep_by(now + setup.idle_time);
}

void client_core::stop() {
    stopping = true;
    pool.close_all_idle();
    for (auto& c : calls_) c.end(errc::stopped);
    sweep_bell_.wake();
}

void client_core::sweep_by(steady_point due) {
    if (due >= next_sweep_ || stopping) return;
    if (std::exchange(sweeping_, true)) {
        next_sweep_ = due;  // so that the next call with that deadline does not ring again
        return sweep_bell_.wake();
    }
    // The core is the sweeper's parent: it ends when nothing is left to watch, or when the client stops.
    boost::asio::co_spawn(loop, run_sweeps(shared_from_this()), [](std::exception_ptr bug) {
        if (bug) std::rethrow_exception(bug);
    });
}

steady_point client_core::sweep() {
    const auto now = time.now();
    auto next = pool.close_idle(now);
    for (auto& c : calls_) {
        if (c.due_ <= now) c.end(c.when_due_);
        if (!c.verdict_) next = std::min(next, c.due_);
    }
    return next;
}

task<> client_core::run_sweeps(std::shared_ptr<client_core> self) {
    while (!self->stopping) {
        const auto next = self->sweep();
        if (next == steady_point::max()) break;
        self->next_sweep_ = std::max(next, self->time.now() + sweep_step);
        co_await self->sweep_bell_.wait_until(self->next_sweep_);
    }
    self->next_sweep_ = steady_point::max();
    self->sweeping_ = false;
}

}  // namespace distd::http
