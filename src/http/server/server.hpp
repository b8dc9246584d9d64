// The HTTP/1.1 server that every role and service is mounted on: one listener (or several), its connections,
// their deadlines and bounds. Connections are children of the server: `stop` ends them and `join_until` waits
// for the last.
//
// Life of a connection: it waits for bytes holding no buffer; bytes come, it takes a block from the pool;
// heads are judged (request_head), routed, handled; answers to all pipelined requests of one read go out in
// one write; nothing left: the block goes back.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <distd/metrics.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/logging/log_sink.hpp"
#include "http/access/allowed_hosts.hpp"
#include "http/access/own_authorities.hpp"
#include "http/server/router.hpp"
#include "http/server/source_shares.hpp"

namespace distd::http {

class access_control;

struct server_setup {
    std::string source;                     // the service's name in access lines
    std::size_t most_connections = 16'384;  // over it: 503 and close
    std::size_t max_requests = 2'048;       // that are worked on, and as many answers that come bit by bit
    unsigned source_share = 50;             // percent of all of these that one source may have
    // Absolute: from the first byte of a request, or from the beginning of a connection, to the end of a
    // head.
    milliseconds head_deadline{10'000};
    milliseconds body_deadline{30'000};     // between two reads of a body
    std::uint64_t least_body_rate = 512;    // bytes a second, over what a body has taken after its first 30 s
    milliseconds gather_deadline{300'000};  // for all of a body that is kept in memory until it is whole
    milliseconds idle_deadline{75'000};     // keep-alive
    milliseconds write_deadline{30'000};    // without the peer taking a byte
    milliseconds linger_deadline{
        2'000};  // reading on after a refusal, so that the answer is not lost to a reset
    // Bytes of connections, and of requests until they are answered, which the servers of a process share.
    // Without it the server has some for itself.
    std::shared_ptr<source_shares> memory;
    std::optional<allowed_hosts> hosts;  // others get 421; without it any are answered
    std::shared_ptr<access_control> admission;  // on each route that is not open; null: all may call
    own_authorities own;                        // to whom a call may be meant
};

class server {
public:
    using tcp = boost::asio::ip::tcp;

    server(server_setup, executor, time_source&, router&, std::shared_ptr<log_sink>, metrics&);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Opens the port. Throws boost::system::system_error when that fails.
    void listen(const tcp::endpoint& where);
    // Takes over a listening socket that the process was given.
    void adopt(int descriptor);
    // Where the first listener is, or was: what asks for it during the drain must not find it gone.
    [[nodiscard]] const tcp::endpoint& local() const noexcept;
    // From here on connections are taken.
    void start();

    // Takes what is in the backlog, closes the listeners and idle connections; every further answer closes
    // its connection; streams and long polls, which would never end by themselves, are ended.
    void drain();
    void stop();  // ends every connection where it is
    [[nodiscard]] task<bool> join_until(steady_point deadline);
    [[nodiscard]] std::size_t connections() const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd::http
