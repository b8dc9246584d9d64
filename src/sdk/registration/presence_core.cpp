#include "sdk/registration/presence_core.hpp"

#include <algorithm>

namespace distd {
namespace {

constexpr milliseconds first_back_off{100};
constexpr milliseconds longest_back_off{2000};

// A registration waits that long for the connection that will watch the registry.
constexpr milliseconds tether_patience{1000};

// A heartbeat that was on its way when the registry died may be read after its connection's end, or after
// the next one is open: it proves nothing.
constexpr milliseconds late_heartbeat{100};

// Peers that close each connection soon after an answer, without saying so, are not worth tying to.
constexpr milliseconds short_tether{2000};
constexpr int most_short_tethers = 3;

// Such a peer is asked now and then instead, so that its outages are noticed.
constexpr milliseconds longest_poll{1000};

// What is withdrawn for an earlier life's sake is given up after as many requests without a whole answer: a
// registry that breaks off at each would never get our registration.
constexpr unsigned most_broken_withdrawals = 3;

}  // namespace

presence_core::presence_core(std::size_t registries, milliseconds heartbeat_interval)
    : registries_(registries), interval_(heartbeat_interval) {}

presence_core::step presence_core::next(steady_point now) {
    switch (state_) {
        case state::absent: return next_when_absent(now);
        case state::asking:
            if (now < not_before_) return {action::wait, registry_, not_before_};
            return {action::ask, registry_};
        case state::awaiting_heartbeat: return next_when_awaiting(now);
        case state::present: break;
    }
    return next_when_present(now);
}

presence_core::step presence_core::next_when_absent(steady_point now) {
    if (now < not_before_) return {action::wait, registry_, not_before_};
    if (tether_ == tether::none && tie_first_) return tie(now);
    if (tether_ == tether::opening && now < tether_due_) return {action::wait, registry_, tether_due_};
    if (kind_ == kind::unknown) return {action::ask, registry_};
    if (withdraw_first_) return {action::withdraw, registry_};
    nothing_sent_ = false;
    unwatched_ = false;  // what ends or begins from here on leaves open which life of it takes us
    return {action::enroll, registry_};
}

presence_core::step presence_core::next_when_present(steady_point now) {
    auto wake = ask_due();
    if (tether_ == tether::none) {
        if (now >= tie_not_before_) return tie(now);
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
    if (tether_ == tether::none && now >= tie_not_before_) return tie(now);
    const auto wake = tether_ == tether::none ? std::min(heartbeat_due_, tie_not_before_) : heartbeat_due_;
    return {action::wait, registry_, wake};
}

presence_core::step presence_core::tie(steady_point now) noexcept {
    tether_ = tether::opening;
    tether_due_ = now + tether_patience;
    return {action::tie, registry_};
}

// Our own registry may be asked any time; a foreign one is looked at when its heartbeats stay away, or
// regularly when no connection tells of its end.
steady_point presence_core::ask_due() const noexcept {
    if (kind_ == kind::ours) return last_sign_ + interval_ * 3 / 2;
    if (tether_ == tether::impossible) return last_sign_ + std::min(interval_, longest_poll);
    return last_sign_ + interval_ * 3;
}

void presence_core::enrolled(const answer& a, steady_point now, std::uint64_t draw) {
    if (a.how != contact::answered) {
        // Nobody is there: nobody remembers. Without a whole answer it may have been taken.
        withdraw_first_ = a.how == contact::broken;
        return try_next_registry(now, draw);
    }
    kind_ = a.is_ours ? kind::ours : kind::foreign;
    if (a.status < 200 || a.status > 299) {
        withdraw_first_ = kind_ == kind::foreign;  // some append first and fail afterwards
        return back_off(now, draw);
    }
    was_registered_ = true;
    withdraw_first_ = false;
    last_proof_ = now;
    tie_not_before_ = now;
    if (unwatched_) return doubt(now);
    settle(now);
}

void presence_core::withdrawn(const answer& a, steady_point now, std::uint64_t draw) {
    if (a.how == contact::broken && !(nothing_sent_ && failures_ >= most_broken_withdrawals - 1))
        return back_off(now, draw);
    withdraw_first_ = false;
    if (a.how == contact::unreachable) return try_next_registry(now, draw);
    // Whatever it answered (404: not listed, 405: not offered), more cannot be done.
    not_before_ = now;
}

void presence_core::asked(const answer& a, steady_point now, std::uint64_t draw) {
    if (state_ == state::absent) return introduced(a, now, draw);
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
        kind_ = kind::ours;
        if (a.status != 200 && a.status != 404) return back_off(now, draw);  // it cannot tell now
        return a.lists_us ? settle(now) : forgotten(now);
    }
    if (kind_ != kind::ours) return judge_foreign(now);
    const bool speaks_for_itself = a.status == 200 || a.status == 404 || a.status == 405 || a.status == 501;
    if (!speaks_for_itself) return back_off(now, draw);  // it is overloaded, or something in between answered
    forgotten(now);                                      // another program has taken its place
}

// The first contact with a registry, before anything is sent to it.
void presence_core::introduced(const answer& a, steady_point now, std::uint64_t draw) {
    const bool is_deaf = a.how == contact::broken;  // it may take what changes something all the same
    if (a.how == contact::unreachable || (is_deaf && registries_ > 1)) return try_next_registry(now, draw);
    kind_ = a.is_ours ? kind::ours : kind::foreign;
    withdraw_first_ = kind_ == kind::foreign;
    failures_ = 0;
}

// It can be reached, and that is all its answer tells.
void presence_core::judge_foreign(steady_point now) {
    if (outage_ && tether_ != tether::open) return forgotten(now);
    if (outage_ || unwatched_) return await_heartbeat(now);
    const bool silent = now - last_proof_ >= interval_ * 3;
    if (tether_ != tether::open && silent) return await_heartbeat(now);
    settle(now);
}

void presence_core::heartbeat(steady_point now) noexcept {
    if (state_ == state::absent || (unwatched_ && now - unwatched_until_ < late_heartbeat)) return;
    last_proof_ = now;
    last_sign_ = now;
    armed_ = true;
    if (state_ == state::awaiting_heartbeat) settle(now);
}

void presence_core::tether_opened(steady_point now) noexcept {
    tether_ = tether::open;
    tether_opened_at_ = now;
    unwatched_ = true;
    unwatched_until_ = now;
    if (state_ == state::present && kind_ == kind::foreign) doubt(now);
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
        unwatched_ = true;
        unwatched_until_ = now;
    } else {
        tie_first_ = false;
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
    unwatched_ = false;
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
    not_before_ = now;
    failures_ = 0;
    meet();
}

// Who answers now may be another than before.
void presence_core::meet() noexcept {
    tie_first_ = true;
    if (tether_ != tether::impossible) return;
    tether_ = tether::none;
    short_tethers_ = 0;
}

void presence_core::await_heartbeat(steady_point now) noexcept {
    if (!armed_) return settle(now);
    state_ = state::awaiting_heartbeat;
    heartbeat_due_ = now + interval_ * 5 / 2;
}

void presence_core::try_next_registry(steady_point now, std::uint64_t draw) noexcept {
    meet();
    registry_ = (registry_ + 1) % registries_;
    if (registries_ > 1) {
        tether_ = tether::none;
        kind_ = kind::unknown;
        nothing_sent_ = true;
        withdraw_first_ = false;
        if (registry_ != 0) return void(not_before_ = now);
    }
    back_off(now, draw);
}

void presence_core::back_off(steady_point now, std::uint64_t draw) noexcept {
    const auto longest = std::clamp(interval_, first_back_off, longest_back_off);
    const auto span = std::min(first_back_off * (1 << std::min(failures_, 5U)), longest);
    ++failures_;
    tie_first_ = true;
    not_before_ =
        now + span / 2 +
        milliseconds(static_cast<milliseconds::rep>(draw % static_cast<std::uint64_t>(span.count() / 2 + 1)));
}

}  // namespace distd
