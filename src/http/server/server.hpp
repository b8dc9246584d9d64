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

#include "base/logging/log_sink.hpp"
#include "http/server/router.hpp"
#include "http/server/server_setup.hpp"

namespace distd::http {

class tls_server;

class server {
public:
    using tcp = boost::asio::ip::tcp;

    server(server_setup, executor, time_source&, router&, std::shared_ptr<log_sink>, metrics&);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Opens the port. Throws boost::system::system_error when that fails. With a `tls_server` TLS is spoken
    // there, and nothing else.
    void listen(const tcp::endpoint& where, std::shared_ptr<const tls_server> = nullptr);
    // Takes over a listening TCP socket that the process was given, at `where`.
    void adopt(int descriptor, const tcp::endpoint& where, std::shared_ptr<const tls_server> = nullptr);
    // Where the first listener without TLS is, or was: what asks for it during the drain must not find it
    // gone. Of one with TLS: nothing where there is none.
    [[nodiscard]] const tcp::endpoint& local() const noexcept;
    [[nodiscard]] const std::optional<tcp::endpoint>& local_tls() const noexcept;
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
