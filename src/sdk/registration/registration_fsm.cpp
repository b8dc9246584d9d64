#include "sdk/registration/registration_fsm.hpp"

#include <algorithm>

#include "base/backoff.hpp"

namespace distd {
namespace {

using http::peer_watch_end;

constexpr milliseconds first_backoff{100};
constexpr milliseconds max_backoff{2000};

// A registration waits that long for the connection that will watch the registry.
constexpr milliseconds peer_watch_patience{1000};

// A heartbeat that was on its way when the registry died may be read after its connection's end, or after
// the next one is open: it proves nothing.
constexpr milliseconds late_heartbeat{100};

// Peers that close each connection soon after an answer, without saying so, are not worth tying to.
constexpr milliseconds short_peer_watch{2000};
constexpr int max_short_peer_watches = 3;

// Such a peer is asked now and then instead, so that its outages are noticed.
constexpr milliseconds max_poll{1000};

// What is withdrawn for an earlier life's sake is given up after as many requests without a whole answer: a
// registry that breaks off at each would never get our registration.
constexpr unsigned max_broken_withdrawals = 3;

}  // namespace

registration_fsm::registration_fsm(std::size_t registries, milliseconds heartbeat_interval)
    : registries_(registries), interval_(heartbeat_interval) {}

registration_fsm::step registration_fsm::next(steady_point now) {
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

registration_fsm::step registration_fsm::next_when_absent(steady_point now) {
    if (now < not_before_) return {action::wait, registry_, not_before_};
    if (peer_watch_ == peer_watch::none && watch_first_) return open_watch(now);
    if (peer_watch_ == peer_watch::opening && now < peer_watch_due_)
        return {action::wait, registry_, peer_watch_due_};
    if (kind_ == kind::unknown) return {action::ask, registry_};
    if (withdraw_first_) return {action::withdraw, registry_};
    nothing_sent_ = false;
    unwatched_ = false;  // what ends or begins from here on leaves open which life of it takes us
    return {action::enroll, registry_};
}

registration_fsm::step registration_fsm::next_when_present(steady_point now) {
    auto wake = ask_due();
    if (peer_watch_ == peer_watch::none) {
        if (now >= watch_not_before_) return open_watch(now);
        wake = std::min(wake, watch_not_before_);
    }
    if (now < ask_due()) return {action::wait, registry_, wake};
    doubt(now);
    return {action::ask, registry_};
}

registration_fsm::step registration_fsm::next_when_awaiting(steady_point now) {
    if (now >= heartbeat_due_) {
        armed_ = false;
        withdraw_first_ = true;
        forgotten(now);
        return next(now);
    }
    if (peer_watch_ == peer_watch::none && now >= watch_not_before_) return open_watch(now);
    const auto wake =
        peer_watch_ == peer_watch::none ? std::min(heartbeat_due_, watch_not_before_) : heartbeat_due_;
    return {action::wait, registry_, wake};
}

registration_fsm::step registration_fsm::open_watch(steady_point now) noexcept {
    peer_watch_ = peer_watch::opening;
    peer_watch_due_ = now + peer_watch_patience;
    return {action::watch, registry_};
}

// Our own registry may be asked any time; a foreign one is asked when its heartbeats stop, or regularly when
// there is no connection whose end would show its own.
steady_point registration_fsm::ask_due() const noexcept {
    if (kind_ == kind::ours) return last_sign_ + interval_ * 3 / 2;
    if (peer_watch_ == peer_watch::impossible) return last_sign_ + std::min(interval_, max_poll);
    return last_sign_ + interval_ * 3;
}

void registration_fsm::enrolled(const answer& a, steady_point now, std::uint64_t draw) {
    if (a.how != contact::answered) {
        // Nobody is there: nobody remembers. Without a whole answer it may have been taken.
        withdraw_first_ = a.how == contact::broken;
        return try_next_registry(now, draw);
    }
    kind_ = a.is_ours ? kind::ours : kind::foreign;
    if (a.status < 200 || a.status > 299) {
        withdraw_first_ = kind_ == kind::foreign;  // some append first and fail afterwards
        return retry_later(now, draw);
    }
    was_registered_ = true;
    withdraw_first_ = false;
    last_proof_ = now;
    watch_not_before_ = now;
    if (unwatched_) return doubt(now);
    settle(now);
}

void registration_fsm::withdrawn(const answer& a, steady_point now, std::uint64_t draw) {
    if (a.how == contact::broken && !(nothing_sent_ && failures_ >= max_broken_withdrawals - 1))
        return retry_later(now, draw);
    withdraw_first_ = false;
    if (a.how == contact::unreachable) return try_next_registry(now, draw);
    // Whatever it answered (404: not listed, 405: not offered), more cannot be done.
    not_before_ = now;
}

void registration_fsm::asked(const answer& a, steady_point now, std::uint64_t draw) {
    if (state_ == state::absent) return introduced(a, now, draw);
    if (state_ != state::asking) return;
    if (a.how == contact::unreachable) {
        outage_ = true;
        armed_ = true;
        if (registries_ == 1) return retry_later(now, draw);
        forgotten(now);
        return try_next_registry(now, draw);
    }
    if (a.how == contact::broken) return retry_later(now, draw);
    if (a.is_ours) {
        kind_ = kind::ours;
        if (a.status != 200 && a.status != 404) return retry_later(now, draw);  // it cannot tell now
        return a.lists_us ? settle(now) : forgotten(now);
    }
    if (kind_ != kind::ours) return judge_foreign(now);
    const bool speaks_for_itself = a.status == 200 || a.status == 404 || a.status == 405 || a.status == 501;
    if (!speaks_for_itself)
        return retry_later(now, draw);  // it is overloaded, or something in between answered
    forgotten(now);                     // another program has taken its place
}

// The first contact with a registry, before anything is sent to it.
void registration_fsm::introduced(const answer& a, steady_point now, std::uint64_t draw) {
    const bool is_deaf = a.how == contact::broken;  // it may take what changes something all the same
    if (a.how == contact::unreachable || (is_deaf && registries_ > 1)) return try_next_registry(now, draw);
    kind_ = a.is_ours ? kind::ours : kind::foreign;
    withdraw_first_ = kind_ == kind::foreign;
    failures_ = 0;
}

// Its answer shows that it can be reached, and nothing more.
void registration_fsm::judge_foreign(steady_point now) {
    if (outage_ && peer_watch_ != peer_watch::open) return forgotten(now);
    if (outage_ || unwatched_) return await_heartbeat(now);
    const bool silent = now - last_proof_ >= interval_ * 3;
    if (peer_watch_ != peer_watch::open && silent) return await_heartbeat(now);
    settle(now);
}

void registration_fsm::heartbeat(steady_point now) noexcept {
    if (state_ == state::absent || (unwatched_ && now - unwatched_until_ < late_heartbeat)) return;
    last_proof_ = now;
    last_sign_ = now;
    armed_ = true;
    if (state_ == state::awaiting_heartbeat) settle(now);
}

void registration_fsm::peer_watch_opened(steady_point now) noexcept {
    peer_watch_ = peer_watch::open;
    peer_watch_opened_at_ = now;
    unwatched_ = true;
    unwatched_until_ = now;
    if (state_ == state::present && kind_ == kind::foreign) doubt(now);
}

void registration_fsm::peer_watch_ended(peer_watch_end how, steady_point now) noexcept {
    const bool was_open = peer_watch_ == peer_watch::open;
    peer_watch_ = peer_watch::none;
    watch_not_before_ = now;
    if (how == peer_watch_end::not_kept) peer_watch_ = peer_watch::impossible;
    if (how == peer_watch_end::unanswered) watch_not_before_ = now + interval_;
    if (how == peer_watch_end::lost) {
        short_peer_watches_ =
            was_open && now - peer_watch_opened_at_ >= short_peer_watch ? 0 : short_peer_watches_ + 1;
        if (short_peer_watches_ >= max_short_peer_watches) peer_watch_ = peer_watch::impossible;
        unwatched_ = true;
        unwatched_until_ = now;
    } else {
        watch_first_ = false;
    }
    if (state_ == state::awaiting_heartbeat) {
        if (how == peer_watch_end::unreachable) doubt(now);
    } else if (state_ == state::present &&
               (how == peer_watch_end::lost || how == peer_watch_end::unreachable)) {
        doubt(now);
    }
}

// It knows us.
void registration_fsm::settle(steady_point now) noexcept {
    state_ = state::present;
    outage_ = false;
    unwatched_ = false;
    failures_ = 0;
    last_sign_ = now;
}

void registration_fsm::doubt(steady_point now) noexcept {
    state_ = state::asking;
    not_before_ = now;
    failures_ = 0;
}

void registration_fsm::forgotten(steady_point now) noexcept {
    state_ = state::absent;
    outage_ = false;
    not_before_ = now;
    failures_ = 0;
    meet();
}

// Who answers now may be another than before.
void registration_fsm::meet() noexcept {
    watch_first_ = true;
    if (peer_watch_ != peer_watch::impossible) return;
    peer_watch_ = peer_watch::none;
    short_peer_watches_ = 0;
}

void registration_fsm::await_heartbeat(steady_point now) noexcept {
    if (!armed_) return settle(now);
    state_ = state::awaiting_heartbeat;
    heartbeat_due_ = now + interval_ * 5 / 2;
}

void registration_fsm::try_next_registry(steady_point now, std::uint64_t draw) noexcept {
    meet();
    registry_ = (registry_ + 1) % registries_;
    if (registries_ > 1) {
        peer_watch_ = peer_watch::none;
        kind_ = kind::unknown;
        nothing_sent_ = true;
        withdraw_first_ = false;
        if (registry_ != 0) return void(not_before_ = now);
    }
    retry_later(now, draw);
}

void registration_fsm::retry_later(steady_point now, std::uint64_t draw) noexcept {
    const auto max = std::clamp(interval_, first_backoff, max_backoff);
    watch_first_ = true;
    not_before_ = now + backoff(++failures_, first_backoff, max, draw);
}

}  // namespace distd
