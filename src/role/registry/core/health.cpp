#include "role/registry/core/health.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace distd::registry {

std::string_view to_string(condition c) noexcept {
    switch (c) {
        case condition::unproven: return "unproven";
        case condition::passing: return "passing";
        case condition::lost: return "lost";
    }
    return "unknown";
}

void health_engine::watch(std::string_view url, std::uint64_t generation, std::string heartbeat_url,
                          condition c, steady_point now, std::uint64_t draw, milliseconds grace) {
    forget(url);
    ++version_;
    auto& t = targets_[std::string(url)];
    t.url = url;
    t.generation = generation;
    t.heartbeat_url = std::move(heartbeat_url);
    t.state = {c, now, c == condition::lost ? "was lost before the registry started" : ""};
    t.grace_until = now + grace;
    if (c == condition::lost) {
        ++lost_;
        t.failures = 1;
    }
    // Not in the first third: its listener may open a moment after the registration.
    const auto span = static_cast<std::uint64_t>(rules_.interval.count());
    plan(t,
         now + rules_.interval / 3 + milliseconds(static_cast<milliseconds::rep>(draw % (span * 2 / 3 + 1))));
}

void health_engine::forget(std::string_view url) {
    const auto found = targets_.find(url);
    if (found == targets_.end()) return;
    auto& t = found->second;
    lane_of(t).erase({t.due, &t});
    if (t.state.now == condition::lost) --lost_;
    ++version_;
    targets_.erase(found);
}

void health_engine::plan(target& t, steady_point due) {
    t.due = due;
    lane_of(t).emplace(due, &t);
}

std::optional<health_engine::probe> health_engine::take(steady_point now) {
    if (under_way_ >= rules_.under_way) return std::nullopt;
    auto* lane = &healthy_;
    if (lane->empty() || lane->begin()->first > now) {
        lane = &suspects_;
        if (lane->empty() || lane->begin()->first > now) return std::nullopt;
        if (suspects_under_way_ >= rules_.suspects_under_way) return std::nullopt;
        ++suspects_under_way_;
    }
    ++under_way_;
    auto& t = *lane->begin()->second;
    lane->erase(lane->begin());
    return probe{t.url, t.generation, t.heartbeat_url, lane == &suspects_};
}

health_engine::verdict health_engine::finish(const probe& p, const std::string& failure, steady_point now) {
    --under_way_;
    if (p.is_suspect) --suspects_under_way_;
    const auto found = targets_.find(p.url);
    if (found == targets_.end() || found->second.generation != p.generation) return verdict::none;
    auto& t = found->second;
    const bool was_lost = t.state.now == condition::lost;
    if (failure.empty()) {
        passed(t, now);
        return was_lost ? verdict::back : verdict::none;
    }
    if (was_lost && now - t.state.since >= rules_.deregister_after) {
        forget(p.url);
        return verdict::gone;
    }
    failed(t, failure, now);
    return !was_lost && t.state.now == condition::lost ? verdict::lost : verdict::none;
}

void health_engine::passed(target& t, steady_point now) {
    t.failures = 0;
    enter(t, condition::passing, now);
    if (!t.state.reason.empty()) ++version_;
    t.state.reason.clear();
    // From the time it was due, so that the spread stays as it is.
    plan(t, std::max(t.due + rules_.interval, now + rules_.interval / 2));
}

void health_engine::failed(target& t, const std::string& failure, steady_point now) {
    ++t.failures;
    if (t.state.reason != failure) ++version_;
    t.state.reason = failure;
    const bool is_excused = t.state.now != condition::lost && now < t.grace_until;
    if (!is_excused) enter(t, condition::lost, now);
    auto next =
        now + (t.failures <= rules_.quick_retries || is_excused ? rules_.retry_after : rules_.interval);
    // Its last chance comes when its time is up, not up to an interval later.
    if (t.state.now == condition::lost)
        next = std::min(next, std::max(t.state.since + rules_.deregister_after, now));
    plan(t, next);
}

void health_engine::enter(target& t, condition c, steady_point now) {
    if (t.state.now == c) return;
    if (t.state.now == condition::lost) --lost_;
    if (c == condition::lost) ++lost_;
    t.state.now = c;
    t.state.since = now;
    ++version_;
}

steady_point health_engine::next_due() const noexcept {
    // With every place taken the end of a probe is the next chance.
    if (under_way_ >= rules_.under_way) return steady_point::max();
    auto due = steady_point::max();
    if (!healthy_.empty()) due = healthy_.begin()->first;
    if (!suspects_.empty() && suspects_under_way_ < rules_.suspects_under_way)
        due = std::min(due, suspects_.begin()->first);
    return due;
}

std::optional<health_engine::report> health_engine::look_up(std::string_view url) const {
    const auto found = targets_.find(url);
    if (found == targets_.end()) return std::nullopt;
    return found->second.state;
}

}  // namespace distd::registry
