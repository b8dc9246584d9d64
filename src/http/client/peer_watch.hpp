// One idle connection to a peer, held for its end only: a process that dies closes its connections, so the
// end is the earliest sign that the peer may have been restarted. It is no proof: peers close idle
// connections for other reasons.
#pragma once

#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <string>

#include "http/client/peer_watch_end.hpp"

namespace distd::http {

struct client_core;

struct peer_watch_setup {
    std::string url;  // one GET is sent there: some servers drop connections that never asked for anything
    milliseconds patience{2000};  // for the connection and the answer's head together
    seconds probe_after{3};       // TCP's own keep-alive: finds a peer whose machine went away without a word
};

// Returns when it has ended; `on_held` is called once the connection is worth watching. Cancel it to let go.
[[nodiscard]] task<peer_watch_end> hold_peer_watch(peer_watch_setup, std::shared_ptr<client_core>,
                                                   std::function<void()> on_held);

}  // namespace distd::http
