#include "role/registry/core/health.hpp"

#include <algorithm>
#include <utility>

namespace distd::registry {
namespace {

constexpr milliseconds zero{0};

milliseconds drawn(milliseconds span, std::uint64_t draw) {
    return milliseconds(
        static_cast<milliseconds::rep>(draw % (static_cast<std::uint64_t>(span.count()) + 1)));
}

// Anywhere in an interval but its first third.
milliseconds place_in(milliseconds interval, std::uint64_t draw) {
    return interval / 3 + drawn(interval * 2 / 3, draw);
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

health_engine::transition health_engine::finish(const probe& p, const std::string& failure,
                                                steady_point now) {
    --under_way_;
    if (p.is_suspect) --suspects_under_way_;
    auto& t = *p.whose;
    --t.probes_under_way;
    if (t.has_left) {
        if (t.probes_under_way == 0) departed_.erase(&t);
        return transition::none;
    }
    if (t.generation != p.generation) return transition::none;
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
    reported result{reporting::taken, {*t.url, t.generation, transition::none, failure}};
    if (!failure.empty()) t.failures = std::max(t.failures, t.failures_before_lost - 1);
    result.what.what = failure.empty() ? passed(t, now) : failed(t, failure, now);
    return result;
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

}  // namespace distd::registry
