// The bounds of a client, where it may connect to, and what it shows there.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <string>

#include "http/client/resolver.hpp"
#include "http/message/request_origin.hpp"

namespace distd::http {

class access_control;
class tls_client;

struct client_setup {
    std::size_t connections_per_target = 64;
    std::size_t waiting_per_target = 1024;  // over it: overloaded
    std::size_t idle_per_target = 16;       // over it: the one idle longest is closed
    std::size_t idle_in_all = 8192;         // the same
    // Over the bound in all, the newest is closed instead. Where more targets than that are asked in turn,
    // the one idle longest is the next that would be used, and to close it would be to use none again.
    bool keeps_oldest = false;
    // Whether a connection serves further calls after a body. A server that did not read the body takes it
    // for the next request, and its answer to that would be the next caller's. So only where all bodies are
    // of one party, who chooses the server, too.
    bool keeps_after_bodies = false;
    milliseconds idle_time{50'000};  // servers commonly close at 60 s and more
    std::string user_agent = std::string(own_user_agent);
    // Asked for each new connection with where it leads to, after any look-up: a name proves nothing. Empty:
    // anywhere.
    std::function<bool(const boost::asio::ip::tcp::endpoint&)> may_connect{};
    // Calls that have no Authorization of their own show that this process may make them; null: they do not.
    std::shared_ptr<access_control> credentials{};
    // By whom peers of https:// URLs are to be certified; null: such URLs are bad addresses.
    std::shared_ptr<const tls_client> trust{};
    std::string metrics_prefix = "distd_client";
    resolver::limits names{};
};

}  // namespace distd::http
