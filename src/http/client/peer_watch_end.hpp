// How the watch over a peer's connection ended.
#pragma once

#include <cstdint>

namespace distd::http {

enum class peer_watch_end : std::uint8_t {
    unreachable,  // nobody accepted the connection
    unanswered,   // accepted, but the request was not answered, or what came is not HTTP
    not_kept,     // answered, and the connection closes with the answer: there is nothing to be watched
    lost,         // was held, and has ended
};

}  // namespace distd::http
