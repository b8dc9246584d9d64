// How a connection comes to its end, as far as that is known. Pure. The events come in any order: a client
// leaves while we stop what is done for it, an answer is cut off on a connection that is lost.
#pragma once

#include <cstdint>

namespace distd::http {

class ending {
public:
    void lose_client() noexcept { state_ = is_orderly() ? state::lost : state::abandoned; }
    void cancel() noexcept { state_ = may_send() ? state::cancelled : state::abandoned; }
    void cut_off_answer() noexcept {
        if (state_ == state::open) state_ = state::cut_off;
        if (state_ == state::lost) state_ = state::abandoned;
    }

    [[nodiscard]] bool may_send() const noexcept { return state_ < state::lost; }
    // What still runs was stopped: that it fails is no news.
    [[nodiscard]] bool is_cancelled() const noexcept {
        return state_ == state::cancelled || state_ == state::abandoned;
    }
    // Nothing was left out of what was sent, so the end of the connection may say so.
    [[nodiscard]] bool is_orderly() const noexcept { return state_ == state::open || state_ == state::lost; }

private:
    enum class state : std::uint8_t {
        open,
        cut_off,    // an answer is not whole: what is left of it is sent, but the end must not look like one
        cancelled,  // by us; an answer to it may still be sent
        lost,       // nothing can be sent any more: the client left, or the network failed
        abandoned,  // lost, and something was cut off or cancelled
    };

    state state_ = state::open;
};

}  // namespace distd::http
