#include "http/client/client_core.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/handler_scope.hpp"
#include "base/scope_exit.hpp"
#include "http/access/access_control.hpp"
#include "http/message/client_request.hpp"

namespace distd::http {
namespace {

counter& outcome(metrics& m, const std::string& prefix, const char* name) {
    return m.count(prefix + "_requests_total", "Outgoing calls by how they ended.", {{"outcome", name}});
}

}  // namespace

void client_core::deadline::end(errc why) {
    if (outcome_) return;
    outcome_ = why;
    ended();
}

client_core::call_counters::call_counters(metrics& m, const std::string& prefix)
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

void client_core::call_counters::ended(std::optional<errc> failure) noexcept {
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

client_core::client_core(client_setup s, executor ex, time_source& t, metrics* m, resolver::lookup look_up)
    : setup(std::move(s)),
      loop(ex),
      time(t),
      names(t, std::move(look_up), setup.names),
      pool(setup),
      wait_readable(ex),
      sweep_bell_(ex, t) {
    if (m) counters.emplace(*m, setup.metrics_prefix);
}

std::shared_ptr<const call_target> client_core::target(std::string_view url, std::string pin) {
    auto where = split_peer_url(url);
    if (!where || !may_call(*where)) return nullptr;
    return std::make_shared<const call_target>(pool, std::move(*where), std::move(pin));
}

void client_core::watch(deadline& d, steady_point due, errc why) {
    if (d.outcome_) return;
    if (!d.is_linked()) calls_.push_back(d);
    d.due_ = due;
    d.when_due_ = why;
    sweep_by(due);
}

void client_core::keep(client_pool::slot& s, std::unique_ptr<client_pool::connection> c) {
    if (stopping) return;
    const auto now = time.now();
    pool.give_back(s, std::move(c), now);
    sweep_by(now + setup.idle_time);
}

std::string client_core::proof_for(std::string_view method, const call_target& to,
                                   std::string_view body) const {
    const auto& shown = setup.credentials;
    if (!shown || !shown->is_required()) return {};
    return shown->prove({method, to.where.target, to.authority}, body);
}

std::string client_core::head_of_get(const call_target& to, std::string_view chosen) const {
    const auto proof = proof_for("GET", to, {});
    request_fields fields;
    fields.authority = to.authority;
    fields.user_agent = setup.user_agent;
    fields.chosen = chosen;
    fields.authorization = proof;
    std::string out;
    write_request_head(out, "GET", to.where.target, fields);
    return out;
}

void client_core::stop(stop_mode how) {
    stopping = true;
    drops_calls = drops_calls || how == stop_mode::drop_calls;
    pool.close_all_idle();
    deadline_list all;
    all.swap(calls_);
    end_all(all, errc::stopped);
    sweep_bell_.wake();
}

// What a completion does may end others in the list, which then leave it by themselves.
void client_core::end_all(deadline_list& calls, std::optional<errc> why) {
    while (!calls.empty()) {
        auto& d = calls.front();
        calls.pop_front();
        d.end(why.value_or(d.when_due_));
    }
}

task<> client_core::stop_when_cancelled(std::shared_ptr<client_core> self, stop_mode how) {
    const scope_exit at_end([&] { self->stop(how); });
    alarm_clock never(self->loop, self->time);
    co_await never.wait();
}

void client_core::sweep_by(steady_point due) {
    if (due >= next_sweep_ || stopping) return;
    if (std::exchange(sweeping_, true)) {
        next_sweep_ = due;  // so that the next call with that deadline does not wake it again
        return sweep_bell_.wake();
    }
    // The core is the sweeper's parent: it ends when nothing is left to watch, or when the client stops.
    boost::asio::co_spawn(loop, run_sweeps(shared_from_this()), [](std::exception_ptr bug) {
        const handler_scope scope("deadlines of calls");
        if (bug) std::rethrow_exception(bug);
    });
}

steady_point client_core::sweep() {
    const auto now = time.now();
    deadline_list late;
    for (auto c = calls_.begin(); c != calls_.end();) {
        auto& d = *c++;
        if (d.due_ <= now) late.splice(late.end(), calls_, calls_.iterator_to(d));
    }
    end_all(late, std::nullopt);
    auto next = pool.close_idle(now);
    for (const auto& c : calls_) next = std::min(next, c.due_);
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
