#include "role/registry/core/health.hpp"

#include <algorithm>
#include <utility>

#include "base/settings/options_values.hpp"

namespace distd::registry {
namespace {

constexpr milliseconds zero{0};
constexpr milliseconds default_delay{250};  // of a loop that has much to do

milliseconds drawn(milliseconds span, std::uint64_t draw) {
    return milliseconds(
        static_cast<milliseconds::rep>(draw % (static_cast<std::uint64_t>(span.count()) + 1)));
}

// Anywhere in an interval but its first third.
milliseconds place_in(milliseconds interval, std::uint64_t draw) {
    return interval / 3 + drawn(interval * 2 / 3, draw);
}

std::string silence_of(milliseconds span, milliseconds ttl) {
    const auto whole = std::chrono::duration_cast<seconds>(span);
    return "no report for " + duration_text(milliseconds(whole).count()) + " (TTL " +
           duration_text(ttl.count()) + ")";
}

}  // namespace

std::string_view to_string(condition c) noexcept {
    switch (c) {
        case condition::unproven: return "unproven";
        case condition::passing: return "passing";
        case condition::lost: return "lost";
    }
    return "unknown";
}

const std::string& health_engine::probe::url() const noexcept { return *whose->url; }
const std::string& health_engine::probe::heartbeat_url() const noexcept { return whose->heartbeat_url; }
milliseconds health_engine::probe::timeout() const noexcept { return whose->timeout; }
bool health_engine::probe::goes_to_a_name() const noexcept { return whose->at_host.is_name(); }

// --- who is watched

void health_engine::watch(const registration& r, std::uint64_t generation, condition c, steady_point now,
                          std::uint64_t draw) {
    if (auto* t = add(r, generation, c, now)) plan_first(*t, now, draw);
}

void health_engine::restore(const registration& r, std::uint64_t generation, condition c, steady_point now,
                            std::uint64_t draw, const std::optional<loss>& remembered) {
    auto* t = add(r, generation, c, now);
    if (!t) return;
    if (c == condition::lost) {
        t->state.reason = "was lost before the registry started";
        if (remembered) {
            t->state.since = remembered->since;
            t->state.reason.append(": ").append(remembered->reason);
        }
    }
    if (t->ttl == zero) t->grace_until = now + 2 * t->interval;
    plan_first(*t, now, draw);
}

void health_engine::renew(const registration& r, std::uint64_t generation, steady_point now,
                          std::uint64_t draw) {
    const auto found = targets_.find(r.url);
    if (found == targets_.end() || found->second.state.now == condition::lost)
        return watch(r, generation, condition::unproven, now, draw);
    auto& t = found->second;
    t.generation = generation;
    t.failures = 0;
    plan_first(t, now, draw);
}

health_engine::target* health_engine::add(const registration& r, std::uint64_t generation, condition c,
                                          steady_point now) {
    forget(r.url);
    if (!can_watch(r)) return nullptr;
    const auto at = targets_.try_emplace(r.url).first;
    auto& t = at->second;
    t.url = &at->first;
    note_change(t);
    t.generation = generation;
    take_rules(t, r);
    t.state.now = c;
    t.state.since = t.goes_from = now;
    if (c == condition::lost) {
        count_lost(t, 1);
        t.failures = t.failures_before_lost;
    }
    return &t;
}

void health_engine::take_rules(target& t, const registration& r) {
    const auto& said = r.more();
    t.heartbeat_url = r.heartbeat_url;
    t.interval = said.heartbeat_interval.value_or(rules_.interval);
    t.timeout = said.heartbeat_timeout.value_or(rules_.timeout);
    t.deregister_after = said.deregister_after.value_or(rules_.deregister_after);
    t.ttl = said.ttl.value_or(zero);
    if (t.ttl == zero) t.at_host = hosts_.place_at(r.heartbeat_url);
    t.failures_before_lost = said.failures_before_lost.value_or(1);
    t.successes_before_back = said.successes_before_back.value_or(1);
}

void health_engine::plan_first(target& t, steady_point now, std::uint64_t draw) {
    if (t.ttl > zero) {
        t.reported_at = now;
        return plan(t, t.state.now == condition::lost ? next_silence(t, now) : now + t.ttl);
    }
    // Not in the first third: its listener may open a moment after the registration. And soon, also where
    // the interval is long; such ones are spread over it by their second probe.
    plan(t, now + place_in(std::min(t.interval, rules_.interval), draw));
    t.second_round = t.interval > rules_.interval ? place_in(t.interval, draw >> 20) : zero;
}

void health_engine::forget(std::string_view url) {
    const auto found = targets_.find(url);
    if (found == targets_.end()) return;
    auto& t = found->second;
    t.unlink();
    guard_.forget(url);
    if (t.state.now == condition::lost) count_lost(t, -1);
    ++version_;
    if (t.probes_under_way == 0) {
        targets_.erase(found);
    } else {
        t.has_left = true;
        departed_.emplace(&t, targets_.extract(found));
    }
}

health_engine::target& health_engine::take_first(lane& l) {
    auto& t = *l.begin();
    l.erase(l.begin());  // cheaper than `unlink`, which has to climb to the lane from where it is
    return t;
}

void health_engine::keep(std::string_view url, bool is_kept, steady_point now) {
    const auto found = targets_.find(url);
    if (found == targets_.end() || found->second.is_kept == is_kept) return;
    auto& t = found->second;
    ++version_;  // the guard may turn
    const bool is_lost = t.state.now == condition::lost;
    if (is_lost) count_lost(t, -1);
    t.is_kept = is_kept;
    if (is_lost) count_lost(t, 1);
    if (is_kept) guard_.forget(url);
    if (is_kept || !is_lost) return;
    t.goes_from = now;
    if (t.ttl > zero) plan(t, next_silence(t, now));
}

// Wherever it stood before.
void health_engine::plan(target& t, steady_point due) {
    t.unlink();
    t.due = due;
    auto& l = lane_of(t);
    l.insert(l.end(), t);  // most belong there: nobody waits longer than who was just probed
}

// --- probes and reports

std::optional<health_engine::probe> health_engine::take(steady_point now) {
    if (under_way_ >= rules_.under_way) return std::nullopt;
    auto* t = take_due(healthy_, now);
    const bool is_suspect = !t;
    if (is_suspect && suspects_under_way_ < rules_.suspects_under_way) t = take_due(suspects_, now);
    if (!t) return std::nullopt;
    if (is_suspect) ++suspects_under_way_;
    ++under_way_;
    ++t->probes_under_way;
    return probe{t, t->generation, is_suspect};
}

// The first whose host's turn it is, too; those before it get a time of their own.
health_engine::target* health_engine::take_due(lane& l, steady_point now) {
    while (is_due(l, now)) {
        auto& t = take_first(l);
        t.due = std::max(t.due, t.at_host.next_turn(now));
        if (t.due <= now) return &t;
        l.insert(t);
    }
    return nullptr;
}

health_engine::verdict health_engine::finish(const probe& p, const std::string& failure, steady_point now) {
    --under_way_;
    if (p.is_suspect) --suspects_under_way_;
    auto& t = *p.whose;
    --t.probes_under_way;
    if (t.has_left) {
        if (t.probes_under_way == 0) departed_.erase(&t);
        return verdict::none;
    }
    if (t.generation != p.generation) return verdict::none;
    return failure.empty() ? passed(t, now) : failed(t, failure, now);
}

void health_engine::leads_to(const probe& p, const host_pacer::addresses& found) {
    hosts_.leads_to(p.whose->at_host, found);
}

void health_engine::note_answer(const probe& p, std::chrono::microseconds took, std::string body) {
    auto& t = *p.whose;
    t.probe_us = static_cast<std::uint32_t>(
        std::clamp<std::chrono::microseconds::rep>(took.count(), 0, no_probe_yet - 1));
    if (body.empty())
        t.failure_answer.reset();
    else
        t.failure_answer = std::make_unique<const std::string>(std::move(body));
}

health_engine::probe_details health_engine::details_of(std::string_view url) const noexcept {
    const auto found = targets_.find(url);
    if (found == targets_.end()) return {};
    const auto& t = found->second;
    probe_details d;
    if (t.probe_us != no_probe_yet) d.took = std::chrono::microseconds(t.probe_us);
    if (t.failure_answer) d.failure_answer = *t.failure_answer;
    return d;
}

health_engine::reported health_engine::take_report(std::string_view url, const std::string& failure,
                                                   steady_point now) {
    const auto found = targets_.find(url);
    if (found == targets_.end()) return {};
    auto& t = found->second;
    if (t.ttl == zero) return {reporting::is_probed, {}};
    t.reported_at = now;
    // The usual case, and it costs next to nothing: its place in the lane is put right when that is due.
    if (failure.empty() && t.state.now == condition::passing && t.failures == 0)
        return {reporting::taken, {}};
    reported result{reporting::taken, {*t.url, t.generation, verdict::none, failure}};
    if (!failure.empty()) t.failures = std::max(t.failures, t.failures_before_lost - 1);
    result.what.what = failure.empty() ? passed(t, now) : failed(t, failure, now);
    return result;
}

health_engine::verdict health_engine::passed(target& t, steady_point now) {
    t.failures = 0;
    ++t.successes;
    auto verdict = verdict::none;
    if (t.state.now != condition::lost || t.successes >= t.successes_before_back) {
        if (t.state.now == condition::lost && !t.state.is_guarded) verdict = verdict::back;
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
    return verdict;
}

health_engine::verdict health_engine::failed(target& t, const std::string& failure, steady_point now) {
    if (is_over(t, now)) {
        forget(std::string(*t.url));
        return verdict::gone;
    }
    ++t.failures;
    t.successes = 0;
    if (t.state.reason != failure) note_change(t);
    t.state.reason = failure;
    const bool is_excused = now < t.grace_until || t.failures < t.failures_before_lost;
    const bool is_lost_now = t.state.now != condition::lost && !is_excused;
    auto verdict = is_lost_now ? lose(t, now) : verdict::none;
    // It has had its chance since the guard ended.
    if (t.state.is_guarded && !guard_.is_on()) verdict = give_up(t);
    plan(t, t.ttl > zero ? next_silence(t, now) : next_try(t, is_excused, now));
    return verdict;
}

// None when the guard keeps it in its place.
health_engine::verdict health_engine::lose(target& t, steady_point now) {
    enter(t, condition::lost, now);
    t.goes_from = now;
    if (!t.is_kept) guard_.lost(*t.url, now + 2 * std::max({rules_.interval, t.interval, t.ttl}));
    turn_guard(review_guard(now), &t, now);
    t.state.is_guarded = guard_.is_on();
    return guard_.is_on() ? verdict::none : verdict::lost;
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

health_engine::verdict health_engine::judge_silence(target& t, steady_point now) {
    const auto silent_for = std::chrono::duration_cast<milliseconds>(now - t.reported_at);
    if (silent_for >= t.ttl) return failed(t, silence_of(silent_for, t.ttl), now);
    if (t.state.now == condition::lost) return failed(t, std::string(t.state.reason), now);
    plan(t, t.reported_at + t.ttl);
    return verdict::none;
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

// --- time and the guard

std::vector<health_engine::judgement> health_engine::review(steady_point now) {
    turn_guard(review_guard(now), nullptr, now);
    while (is_due(reporters_, now)) {
        auto& t = take_first(reporters_);
        if (excuse(t, now)) continue;
        const auto silent_for = std::chrono::duration_cast<milliseconds>(now - t.reported_at);
        judgement j{*t.url, t.generation, verdict::none, silence_of(silent_for, t.ttl)};
        j.what = judge_silence(t, now);
        if (j.what != verdict::none) news_.push_back(std::move(j));
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
        news_.push_back({*t.url, t.generation, verdict::back, "the guard against mass failures is on"});
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

health_engine::verdict health_engine::give_up(target& t) {
    t.state.is_guarded = false;
    note_change(t);
    return verdict::lost;
}

steady_point health_engine::next_due() const noexcept {
    auto due = guard_.next_due();
    if (!news_.empty()) due = steady_point::min();
    if (!reporters_.empty()) due = std::min(due, reporters_.begin()->due);
    // With every place taken the end of a probe is the next chance.
    if (under_way_ >= rules_.under_way) return due;
    if (!healthy_.empty()) due = std::min(due, healthy_.begin()->due);
    if (!suspects_.empty() && suspects_under_way_ < rules_.suspects_under_way)
        due = std::min(due, suspects_.begin()->due);
    return due;
}

const health_engine::report* health_engine::find(std::string_view url) const noexcept {
    const auto found = targets_.find(url);
    return found == targets_.end() ? nullptr : &found->second.state;
}

std::optional<health_engine::report> health_engine::look_up(std::string_view url) const {
    const auto* const found = find(url);
    return found ? std::optional(*found) : std::nullopt;
}

}  // namespace distd::registry
