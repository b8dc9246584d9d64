#include "sdk/presence_core.hpp"

#include <algorithm>

namespace distd {
namespace {

constexpr milliseconds first_back_off{100};
constexpr milliseconds longest_back_off{2000};

// A heartbeat that was on its way when the registry died may be read after its connection's end: it proves
// nothing.
constexpr milliseconds late_heartbeat{100};

// Peers that close each connection soon after an answer, without saying so, are not worth tying to.
constexpr milliseconds short_tether{2000};
constexpr int most_short_tethers = 3;

// Such a peer is asked now and then instead, so that its outages are noticed.
constexpr milliseconds longest_poll{1000};

}  // namespace

presence_core::presence_core(std::size_t registries, milliseconds heartbeat_interval)
    : registries_(registries), interval_(heartbeat_interval) {}

presence_core::step presence_core::next(steady_point now) {
    switch (state_) {
        case state::absent:
            if (now < not_before_) return {action::wait, registry_, not_before_};
            return {withdraw_first_ ? action::withdraw : action::enroll, registry_};
        case state::asking:
            if (now < not_before_) return {action::wait, registry_, not_before_};
            return {action::ask, registry_};
        case state::awaiting_heartbeat: return next_when_awaiting(now);
        case state::present: break;
    }
    return next_when_present(now);
}

presence_core::step presence_core::next_when_present(steady_point now) {
    auto wake = ask_due();
    if (tether_ == tether::none) {
        if (now >= tie_not_before_) {
            tether_ = tether::opening;
            return {action::tie, registry_};
        }
        wake = std::min(wake, tie_not_before_);
    }
    if (now < ask_due()) return {action::wait, registry_, wake};
    doubt(now);
    return {action::ask, registry_};
}

presence_core::step presence_core::next_when_awaiting(steady_point now) {
    if (now >= heartbeat_due_) {
        armed_ = false;
        withdraw_first_ = true;
        forgotten(now);
        return next(now);
    }
    if (tether_ == tether::none && now >= tie_not_before_) {
        tether_ = tether::opening;
        return {action::tie, registry_};
    }
    const auto wake = tether_ == tether::none ? std::min(heartbeat_due_, tie_not_before_) : heartbeat_due_;
    return {action::wait, registry_, wake};
}

// Our own registry may be asked any time; a foreign one is looked at when its heartbeats stay away, or
// regularly when no connection tells of its end.
steady_point presence_core::ask_due() const noexcept {
    if (is_ours_) return last_sign_ + interval_ * 3 / 2;
    if (tether_ == tether::impossible) return last_sign_ + std::min(interval_, longest_poll);
    return last_sign_ + interval_ * 3;
}

void presence_core::enrolled(const answer& a, steady_point now, std::uint64_t draw) {
    if (a.how == contact::unreachable) {
        if (registries_ == 1) withdraw_first_ = false;  // nobody is there: nobody remembers
        return try_next_registry(now, draw);
    }
    if (a.how == contact::broken) {
        withdraw_first_ = true;  // it may have been taken
        return try_next_registry(now, draw);
    }
    is_ours_ = a.is_ours;
    if (a.status < 200 || a.status > 299) {
        withdraw_first_ = !is_ours_;  // some append first and fail afterwards
        return back_off(now, draw);
    }
    was_registered_ = true;
    withdraw_first_ = false;
    heard_ = false;
    if (tether_ != tether::open) tether_ = tether::none;
    short_tethers_ = 0;
    tie_not_before_ = now;
    settle(now);
}

void presence_core::withdrawn(const answer& a, steady_point now, std::uint64_t draw) {
    if (a.how == contact::broken) return back_off(now, draw);
    withdraw_first_ = false;
    // Whatever it answered (404: not listed, 405: not offered), more cannot be done.
    if (a.how == contact::answered) return void(not_before_ = now);
    withdraw_first_ = registries_ > 1;
    try_next_registry(now, draw);
}

void presence_core::asked(const answer& a, steady_point now, std::uint64_t draw) {
    if (state_ != state::asking) return;
    if (a.how == contact::unreachable) {
        outage_ = true;
        armed_ = true;
        if (registries_ == 1) return back_off(now, draw);
        forgotten(now);
        return try_next_registry(now, draw);
    }
    if (a.how == contact::broken) return back_off(now, draw);
    if (a.is_ours) {
        is_ours_ = true;
        if (a.status != 200 && a.status != 404) return back_off(now, draw);  // it cannot tell now
        return a.lists_us ? settle(now) : forgotten(now);
    }
    if (!is_ours_) return judge_foreign(now);
    const bool speaks_for_itself = a.status == 200 || a.status == 404 || a.status == 405 || a.status == 501;
    if (!speaks_for_itself) return back_off(now, draw);  // it is overloaded, or something in between answered
    forgotten(now);                                      // another program has taken its place
}

// It can be reached, and that is all its answer tells.
void presence_core::judge_foreign(steady_point now) {
    if (outage_ && tether_ != tether::open) return forgotten(now);
    if (outage_ || cut_) return await_heartbeat(now);
    const bool silent = now - last_heartbeat_ >= interval_ * 3;
    if (tether_ == tether::impossible && heard_ && silent) return await_heartbeat(now);
    settle(now);
}

void presence_core::heartbeat(steady_point now) noexcept {
    if (state_ == state::absent || (cut_ && now - cut_at_ < late_heartbeat)) return;
    last_heartbeat_ = now;
    last_sign_ = now;
    heard_ = true;
    armed_ = true;
    if (state_ == state::awaiting_heartbeat) settle(now);
}

void presence_core::tether_opened(steady_point now) noexcept {
    tether_ = tether::open;
    tether_opened_at_ = now;
}

void presence_core::tether_ended(tether_end how, steady_point now) noexcept {
    const bool was_open = tether_ == tether::open;
    tether_ = tether::none;
    tie_not_before_ = now;
    if (how == tether_end::not_kept) tether_ = tether::impossible;
    if (how == tether_end::unanswered) tie_not_before_ = now + interval_;
    if (how == tether_end::lost) {
        short_tethers_ = was_open && now - tether_opened_at_ >= short_tether ? 0 : short_tethers_ + 1;
        if (short_tethers_ >= most_short_tethers) tether_ = tether::impossible;
        cut_ = true;
        cut_at_ = now;
    }
    if (state_ == state::awaiting_heartbeat) {
        if (how == tether_end::unreachable) doubt(now);
    } else if (state_ == state::present && (how == tether_end::lost || how == tether_end::unreachable)) {
        doubt(now);
    }
}

// It knows us.
void presence_core::settle(steady_point now) noexcept {
    state_ = state::present;
    outage_ = false;
    cut_ = false;
    failures_ = 0;
    last_sign_ = now;
}

void presence_core::doubt(steady_point now) noexcept {
    state_ = state::asking;
    not_before_ = now;
    failures_ = 0;
}

void presence_core::forgotten(steady_point now) noexcept {
    state_ = state::absent;
    outage_ = false;
    cut_ = false;
    not_before_ = now;
    failures_ = 0;
}

void presence_core::await_heartbeat(steady_point now) noexcept {
    if (!armed_) return settle(now);
    state_ = state::awaiting_heartbeat;
    heartbeat_due_ = now + interval_ * 5 / 2;
}

void presence_core::try_next_registry(steady_point now, std::uint64_t draw) noexcept {
    registry_ = (registry_ + 1) % registries_;
    if (registries_ > 1) {
        tether_ = tether::none;
        if (registry_ != 0) return void(not_before_ = now);
    }
    back_off(now, draw);
}

void presence_core::back_off(steady_point now, std::uint64_t draw) noexcept {
    const auto longest = std::clamp(interval_, first_back_off, longest_back_off);
    const auto span = std::min(first_back_off * (1 << std::min(failures_, 5U)), longest);
    ++failures_;
    not_before_ =
        now + span / 2 +
        milliseconds(static_cast<milliseconds::rep>(draw % static_cast<std::uint64_t>(span.count() / 2 + 1)));
}

}  // namespace distd
