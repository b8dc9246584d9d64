// The bounds and deadlines of a server, the hosts it answers for, and who may call it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/time.hpp>
#include <memory>
#include <string>

#include "http/access/own_names.hpp"
#include "http/server/source_shares.hpp"

namespace distd::http {

class access_control;

struct server_setup {
    std::string source;                    // the service's name in access lines
    std::size_t max_connections = 16'384;  // over it: 503 and close
    std::size_t max_requests = 2'048;      // that are worked on, and as many answers that come bit by bit
    unsigned source_share = 50;            // percent of all of these that one source may have
    bool only_loopback_comes = false;      // which has no share then, but all: nobody else would use the rest
    // Absolute: from the first byte of a request, or from the beginning of a connection, to the end of a
    // head.
    milliseconds head_deadline{10'000};
    milliseconds body_deadline{30'000};     // between two reads of a body
    std::uint64_t min_body_rate = 512;      // bytes a second, over what a body has taken after its first 30 s
    milliseconds gather_deadline{300'000};  // for all of a body that is kept in memory until it is whole
    milliseconds idle_deadline{75'000};     // keep-alive
    milliseconds write_deadline{30'000};    // without the peer taking a byte
    milliseconds linger_deadline{
        2'000};  // reading on after a refusal, so that the answer is not lost to a reset
    // Bytes of connections, of requests until they are answered, and of answers until the kernel has taken
    // them, which the servers of a process share. Without it the server has some for itself.
    std::shared_ptr<source_shares> memory;
    own_names names = own_names::any();         // requests to other hosts get 421
    std::shared_ptr<access_control> admission;  // on each route that is not open; null: all may call
};

}  // namespace distd::http
