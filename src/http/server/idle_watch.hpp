// Which wait a connection needs for its next request. Pure.
//
// The edge-triggered wait (edge_wait.hpp) is cheaper than Asio's, but may miss a FIN that came with the last
// bytes. Many clients send one request and half-close: behind the first request Asio's wait reports that at
// once. Behind a second one it is rare, and the server's sweep finds it.
#pragma once

#include <cstdint>

namespace distd::http {

class idle_watch {
public:
    // After each read: whether it left nothing behind.
    void note_read(bool is_drained) noexcept { is_drained_ = is_drained; }

    // A wait begins; true: an edge-triggered one will do.
    [[nodiscard]] bool begin_wait() noexcept {
        const bool came_back = wait_ != wait::plain;
        wait_ = !is_drained_ ? wait::plain : came_back ? wait::edge : wait::drained;
        return wait_ == wait::edge;
    }
    void end_wait() noexcept {
        if (wait_ == wait::edge) wait_ = wait::drained;
    }
    // Whether the sweep has to look for a FIN: once in a wait.
    [[nodiscard]] bool take_look() noexcept {
        const bool may_have_missed_one = wait_ == wait::edge;
        end_wait();
        return may_have_missed_one;
    }

private:
    // The last one, or the one that is under way.
    enum class wait : std::uint8_t {
        plain,    // something may have been left unread when it began
        drained,  // nothing was
        edge,     // nothing was, for the second time: an edge-triggered wait, and no callback has run yet
    };

    bool is_drained_ = false;
    wait wait_ = wait::plain;
};

}  // namespace distd::http
