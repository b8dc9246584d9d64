// Bytes both ways between two connections, until both sides have said all or one breaks. Each way holds one
// buffer, so who does not read holds up who sends. TCP's own keep-alive finds out who has gone silently.
#pragma once

#include <distd/task.hpp>
#include <string>

#include "http/transport/stream_socket.hpp"

namespace distd::http {

// What was read already of each goes to the other first. The sockets are closed for use when it returns.
[[nodiscard]] task<> tunnel(stream_socket& a, std::string ahead_of_a, stream_socket& b,
                            std::string ahead_of_b);

}  // namespace distd::http
