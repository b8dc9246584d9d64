// The state machine of a registration: decides when a service registers, when it asks whether it is still
// listed, and when it waits. Pure: events go in, the next step comes out; time and random draws are passed
// in.
//
// A registry of ours says of itself what it is when it is asked, and replaces: it is asked at every doubt.
// Any other one is taken for one that appends without looking and forgets everything at its end:
//   - It may remember an earlier life of this service, whose process was killed: what that left is withdrawn
//     before the first registration of this life.
//   - It must not get a second registration while it remembers the first, so each one needs evidence that we
//     are forgotten: it could not be reached, and then could, over no connection that outlived the outage.
//   - It may restart so fast that it is never seen away, so a connection to it is held from before each
//     registration on. When that connection ends, or could be had only later, the time in between was not
//     watched: then a heartbeat proves that we are known, and none for two and a half intervals that we are
//     not. So does a long silence where no connection can be held. This may be wrong (its heartbeats may
//     hang), so the old entry is withdrawn first, and it happens once: only a heartbeat or an outage makes it
//     possible again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/time.hpp>

#include "http/client/peer_watch_end.hpp"

namespace distd {

class registration_fsm {
public:
    enum class action : std::uint8_t {
        wait,      // until `until`, or the next event
        watch,     // open a connection to `registry`; report `peer_watch_opened` and `peer_watch_ended`
        enroll,    // POST the registration
        withdraw,  // DELETE it
        ask,       // whether it lists us
    };
    struct step {
        action what;
        std::size_t registry = 0;
        steady_point until{};
    };

    // broken: sent, but no whole answer came.
    enum class contact : std::uint8_t { answered, unreachable, broken };
    struct answer {
        contact how = contact::unreachable;
        int status = 0;
        bool is_ours = false;   // the answer says that it is a registry of our kind
        bool lists_us = false;  // of `ask`
    };

    registration_fsm(std::size_t registries, milliseconds heartbeat_interval);

    [[nodiscard]] step next(steady_point now);

    void enrolled(const answer&, steady_point now, std::uint64_t draw);
    void withdrawn(const answer&, steady_point now, std::uint64_t draw);
    void asked(const answer&, steady_point now, std::uint64_t draw);
    void heartbeat(steady_point now) noexcept;
    void peer_watch_opened(steady_point now) noexcept;
    void peer_watch_ended(http::peer_watch_end, steady_point now) noexcept;

    [[nodiscard]] bool registered() const noexcept { return state_ != state::absent && !outage_; }
    // A registry may hold an entry of ours, which is to be taken out when we leave.
    [[nodiscard]] bool may_be_listed() const noexcept { return state_ != state::absent || withdraw_first_; }
    [[nodiscard]] bool was_registered() const noexcept { return was_registered_; }
    [[nodiscard]] std::size_t home() const noexcept { return registry_; }

private:
    enum class state : std::uint8_t { absent, present, asking, awaiting_heartbeat };
    enum class peer_watch : std::uint8_t { none, opening, open, impossible };
    enum class kind : std::uint8_t { unknown, ours, foreign };

    [[nodiscard]] step next_when_absent(steady_point now);
    [[nodiscard]] step next_when_present(steady_point now);
    [[nodiscard]] step next_when_awaiting(steady_point now);
    [[nodiscard]] step open_watch(steady_point now) noexcept;
    [[nodiscard]] steady_point ask_due() const noexcept;
    void introduced(const answer&, steady_point now, std::uint64_t draw);
    void judge_foreign(steady_point now);
    void settle(steady_point now) noexcept;
    void doubt(steady_point now) noexcept;
    void forgotten(steady_point now) noexcept;
    void meet() noexcept;
    void await_heartbeat(steady_point now) noexcept;
    void try_next_registry(steady_point now, std::uint64_t draw) noexcept;
    void retry_later(steady_point now, std::uint64_t draw) noexcept;

    std::size_t registries_;
    milliseconds interval_;

    state state_ = state::absent;
    std::size_t registry_ = 0;   // where we are registered, or try to
    kind kind_ = kind::unknown;  // what the registry is
    bool was_registered_ = false;
    bool withdraw_first_ = false;  // it may hold an entry of ours that a second one would double
    bool nothing_sent_ = true;     // no registration since we met this registry
    bool outage_ = false;          // was unreachable since it was last known to list us
    bool unwatched_ = false;       // may have restarted unseen since then
    bool armed_ = true;            // silence alone may lead to a registration
    peer_watch peer_watch_ = peer_watch::none;
    bool watch_first_ = true;  // the next registration waits for a connection
    int short_peer_watches_ = 0;
    unsigned failures_ = 0;

    steady_point not_before_{};  // of the next attempt
    steady_point watch_not_before_{};
    steady_point peer_watch_due_{};
    steady_point peer_watch_opened_at_{};
    steady_point unwatched_until_{};
    steady_point last_sign_{};   // of being known: heartbeat, registration, an answer
    steady_point last_proof_{};  // the same without answers that any registry gives
    steady_point heartbeat_due_{};
};

}  // namespace distd
