#include "role/registry/core/health_history.hpp"

#include <algorithm>
#include <chrono>

namespace distd::registry {
namespace {

constexpr char letter_of(health_state s) noexcept {
    switch (s) {
        case health_state::unknown: return 'u';
        case health_state::well: return 'w';
        case health_state::drained: return 'd';
        case health_state::lost: return 'l';
    }
    return 'u';
}

// The states of `count` buckets up to `last`, where `ran` says in which of them anything was known. It goes
// from change to change: of buckets there are very many.
template <wall_minute Size, class RunFrom>
std::string runs(wall_minute last, wall_minute count, const state_ring<Size>& ran, RunFrom run_from) {
    std::string out;
    health_state current{};
    wall_minute length = 0;
    const auto write = [&] {
        if (length > 0) out += std::to_string(length) + letter_of(current);
    };
    const auto end = last + 1;
    for (auto at = end - count; at != end;) {
        const auto known = ran.at(at);
        const auto known_until = ran.end_of_run(at, end, known);
        health_history::run next{health_state::unknown, known_until};
        if (known != health_state::unknown) next = run_from(at, known_until);
        if (next.state != current) {
            write();
            length = 0;
            current = next.state;
        }
        length += next.end - at;
        at = next.end;
    }
    write();
    return out;
}

}  // namespace

std::string health_buckets::bytes() const { return std::string(minutes.bytes()).append(hours.bytes()); }

bool health_buckets::restore(std::string_view bytes) noexcept {
    if (bytes.size() != minutes.byte_count + hours.byte_count) return false;
    minutes.restore(bytes.substr(0, minutes.byte_count));
    hours.restore(bytes.substr(minutes.byte_count));
    return true;
}

// --- of one instance

health_history::health_history(const kept& k) {
    if (k.changed == 0 || k.state > health_state::lost) return;
    if (!k.buckets.empty()) {
        past_ = std::make_unique<health_buckets>();
        if (!past_->restore(k.buckets)) past_.reset();
    }
    changed_ = k.changed;
    now_ = k.state;
}

health_history::kept health_history::to_keep() const {
    return {now_, changed_, past_ ? past_->bytes() : std::string()};
}

void health_history::note(health_state s, wall_minute now) {
    if (s == now_) return;
    now = std::max(now, changed_);
    is_saved_ = false;
    if (!past_ && now_ != health_state::unknown) past_ = std::make_unique<health_buckets>();
    if (past_) {
        past_->minutes.go_on(changed_, now, now_, s);
        past_->hours.go_on(changed_ / minutes_in_hour, now / minutes_in_hour, now_, s);
    }
    now_ = s;
    changed_ = now;
}

void health_history::rewind(wall_minute now) noexcept {
    if (changed_ <= now) return;
    changed_ = now;
    is_saved_ = false;
}

template <wall_minute Size>
health_history::run health_history::run_from(const state_ring<Size>* past, wall_minute changed,
                                             wall_minute first, wall_minute end) const noexcept {
    if (first > changed) return {now_, end};
    const auto before = past ? past->at(first) : health_state::unknown;
    if (first == changed) return {std::max(before, now_), first + 1};
    const auto until = std::min(changed, end);
    return {before, past ? past->end_of_run(first, until, before) : until};
}

health_history::run health_history::minutes_from(wall_minute first, wall_minute end) const noexcept {
    return run_from(past_ ? &past_->minutes : nullptr, changed_, first, end);
}

health_history::run health_history::hours_from(wall_minute first, wall_minute end) const noexcept {
    return run_from(past_ ? &past_->hours : nullptr, changed_ / minutes_in_hour, first, end);
}

// --- the clock

void health_clock::restore(const kept& k) {
    if (k.now != 0 && ran_.restore(k.buckets)) now_ = k.now;
}

health_clock::kept health_clock::to_keep() const { return {now_, ran_.bytes()}; }

bool health_clock::advance(wall_point wall) {
    using std::chrono::minutes;
    const auto since_1970 = std::chrono::floor<minutes>(wall.time_since_epoch()).count();
    const auto now = static_cast<wall_minute>(std::max<std::int64_t>(since_1970, 1));
    const bool goes_back = now + max_wait < now_;
    const auto unknown = health_state::unknown;
    if (goes_back) {
        ran_.minutes.fill(now + 1, now_, unknown);
        ran_.hours.fill(now / minutes_in_hour + 1, now_ / minutes_in_hour, unknown);
        now_ = now;
    } else if (now > now_) {
        ran_.minutes.fill(now_ + 1, now, unknown);
        ran_.hours.fill(now_ / minutes_in_hour + 1, now / minutes_in_hour, unknown);
        now_ = now;
    }
    ran_.minutes.set(now_, health_state::well);
    ran_.hours.set(now_ / minutes_in_hour, health_state::well);
    return !goes_back;
}

// --- as it is shown

static_assert(buckets_in(wire::time_range::day) == health_buckets::minutes_kept &&
              buckets_in(wire::time_range::month) == health_buckets::hours_kept);

std::string run_lengths(const health_history& h, const health_clock& clock, wire::time_range r) {
    const auto& ran = clock.ran();
    if (r == wire::time_range::month)
        return runs(clock.now() / minutes_in_hour, buckets_in(r), ran.hours,
                    [&h](wall_minute first, wall_minute end) { return h.hours_from(first, end); });
    return runs(clock.now(), buckets_in(r), ran.minutes,
                [&h](wall_minute first, wall_minute end) { return h.minutes_from(first, end); });
}

}  // namespace distd::registry
