// What answers, failures and silence mean for an instance, and what the guard makes of them.
#include <algorithm>
#include <utility>

#include "base/settings/options_values.hpp"
#include "role/registry/core/health.hpp"

namespace distd::registry {
namespace {

constexpr milliseconds zero{0};
constexpr milliseconds default_delay{250};  // of a loop that has much to do

std::string silence_of(milliseconds span, milliseconds ttl) {
    const auto whole = std::chrono::duration_cast<seconds>(span);
    return "no report for " + duration_text(milliseconds(whole).count()) + " (TTL " +
           duration_text(ttl.count()) + ")";
}

}  // namespace

health_engine::transition health_engine::passed(target& t, steady_point now) {
    t.failures = 0;
    ++t.successes;
    auto transition = transition::none;
    if (t.state.now != condition::lost || t.successes >= t.successes_before_back) {
        if (t.state.now == condition::lost && !t.state.is_guarded) transition = transition::back;
        enter(t, condition::passing, now);
        guard_.forget(*t.url);
        if (!t.state.reason.empty()) note_change(t);
        t.state.reason.clear();
        t.state.is_guarded = false;
    }
    if (t.ttl > zero) {
        plan(t, now + t.ttl);
    } else if (t.second_round > zero) {
        plan(t, now + std::exchange(t.second_round, zero));
    } else {
        // From the time it was due, so that the spread stays as it is.
        plan(t, std::max(t.due + t.interval, now + t.interval / 2));
    }
    return transition;
}

health_engine::transition health_engine::failed(target& t, const std::string& failure, steady_point now) {
    if (is_over(t, now)) {
        forget(std::string(*t.url));
        return transition::gone;
    }
    ++t.failures;
    t.successes = 0;
    if (t.state.reason != failure) note_change(t);
    t.state.reason = failure;
    const bool is_excused = now < t.grace_until || t.failures < t.failures_before_lost;
    const bool is_lost_now = t.state.now != condition::lost && !is_excused;
    auto transition = is_lost_now ? lose(t, now) : transition::none;
    // It has had its chance since the guard ended.
    if (t.state.is_guarded && !guard_.is_on()) transition = give_up(t);
    plan(t, t.ttl > zero ? next_silence(t, now) : next_try(t, is_excused, now));
    return transition;
}

// None when the guard keeps it in its place.
health_engine::transition health_engine::lose(target& t, steady_point now) {
    enter(t, condition::lost, now);
    t.goes_from = now;
    if (!t.is_kept) guard_.lost(*t.url, now + 2 * std::max({rules_.interval, t.interval, t.ttl}));
    turn_guard(review_guard(now), &t, now);
    t.state.is_guarded = guard_.is_on();
    return guard_.is_on() ? transition::none : transition::lost;
}

// Its time is up. Under the guard nobody's is.
bool health_engine::is_over(const target& t, steady_point now) const noexcept {
    const auto patience = patience_with(t);
    return t.state.now == condition::lost && patience > zero && !guard_.is_on() &&
           now - t.goes_from >= patience;
}

steady_point health_engine::next_try(const target& t, bool is_excused, steady_point now) const {
    const bool is_quick = t.state.now == condition::lost
                              ? t.failures < t.failures_before_lost + rules_.quick_retries
                              : is_excused && now < t.grace_until;
    const auto next = now + (is_quick ? std::min(rules_.retry_after, t.interval) : t.interval);
    const auto patience = patience_with(t);
    if (t.state.now != condition::lost || patience == zero || guard_.is_on()) return next;
    // Its last chance comes when its time is up, not up to an interval later.
    return std::min(next, std::max(t.goes_from + patience, now));
}

// When an instance that has been silent is looked at again.
steady_point health_engine::next_silence(const target& t, steady_point now) const {
    if (t.state.now != condition::lost) return now + t.ttl;
    if (patience_with(t) == zero) return steady_point::max();
    const auto end = t.goes_from + patience_with(t);
    return guard_.is_on() ? std::max(end, guard_.until()) : std::max(end, now);
}

health_engine::transition health_engine::judge_silence(target& t, steady_point now) {
    const auto silent_for = std::chrono::duration_cast<milliseconds>(now - t.reported_at);
    if (silent_for >= t.ttl) return failed(t, silence_of(silent_for, t.ttl), now);
    if (t.state.now == condition::lost) return failed(t, std::string(t.state.reason), now);
    plan(t, t.reported_at + t.ttl);
    return transition::none;
}

void health_engine::enter(target& t, condition c, steady_point now) {
    if (t.state.now == c) return;
    if (t.state.now == condition::lost) count_lost(t, -1);
    if (c == condition::lost) count_lost(t, 1);
    t.state.now = c;
    t.state.since = now;
    note_change(t);
}

void health_engine::count_lost(const target& t, int by) noexcept {
    lost_ += static_cast<std::size_t>(by);
    if (t.is_kept) kept_and_lost_ += static_cast<std::size_t>(by);
}

// Those that an operator took out are expected to fail, for as long as it takes.
failure_guard::turn health_engine::review_guard(steady_point now) {
    return guard_.review(watched() - kept_and_lost_, lost_ - kept_and_lost_, now);
}

void health_engine::note_change(const target& t) {
    ++version_;
    changed_.push_back(*t.url);
}

std::vector<health_engine::judgement> health_engine::review(steady_point now) {
    turn_guard(review_guard(now), nullptr, now);
    while (is_due(reporters_, now)) {
        auto& t = take_first(reporters_);
        if (excuse(t, now)) continue;
        const auto silent_for = std::chrono::duration_cast<milliseconds>(now - t.reported_at);
        judgement j{*t.url, t.generation, transition::none, silence_of(silent_for, t.ttl)};
        j.what = judge_silence(t, now);
        if (j.what != transition::none) news_.push_back(std::move(j));
    }
    return std::exchange(news_, {});
}

// Its patience ended while we were held up ourselves, and its report may lie in a socket: it gets as much
// more time as no report could be received.
bool health_engine::excuse(target& t, steady_point now) {
    const auto held_up = std::chrono::duration_cast<milliseconds>(now - t.due);
    if (t.state.now == condition::lost || held_up <= default_delay) return false;
    plan(t, now + std::min(held_up, t.ttl));
    return true;
}

void health_engine::turn_guard(failure_guard::turn turn, const target* just_lost, steady_point now) {
    if (turn == failure_guard::turn::none) return;
    if (turn == failure_guard::turn::off) return stop_guarding(now);
    for (auto& [url, t] : targets_) {
        if (t.state.now != condition::lost || &t == just_lost || !guard_.is_recent(url)) continue;
        t.state.is_guarded = true;
        note_change(t);
        news_.push_back({*t.url, t.generation, transition::back, "the guard against mass failures is on"});
    }
}

// When the guard's time is over, instances that are lost are taken out. When most are well again, the others
// may be, too, and have just not been probed yet: their next probe decides. Those that report by themselves
// are silent still. The time under the guard does not count towards an instance's removal.
void health_engine::stop_guarding(steady_point now) {
    for (auto& [url, t] : targets_) {
        if (t.state.now != condition::lost) continue;
        t.goes_from += now - std::max(t.goes_from, guard_.since());
        if (!t.state.is_guarded || (!guard_.is_spent() && t.ttl == zero)) continue;
        news_.push_back({*t.url, t.generation, give_up(t), t.state.reason});
    }
}

health_engine::transition health_engine::give_up(target& t) {
    t.state.is_guarded = false;
    note_change(t);
    return transition::lost;
}

}  // namespace distd::registry
