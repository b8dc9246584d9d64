// The TCP sockets of both sides, with the loop's own executor: see distd/task.hpp. Their bytes go through
// socket_io.hpp alone, which is why Asio's reads, writes and waits cannot be reached: whoever used them would
// pass by what a connection does to its bytes on their way.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <distd/task.hpp>
#include <memory>

namespace distd::http {

namespace detail {
struct reactor_data;
struct socket_access;
}  // namespace detail

using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;

class tls_session;

class stream_socket : private tcp_socket {
public:
    explicit stream_socket(const executor& ex);
    explicit stream_socket(tcp_socket connected) noexcept;
    ~stream_socket();
    stream_socket(stream_socket&&) noexcept;
    stream_socket& operator=(stream_socket&&) noexcept;

    // From now on with TLS, and its handshake comes first; null: from now on without.
    void speak(std::unique_ptr<tls_session>) noexcept;
    [[nodiscard]] tls_session* tls() const noexcept { return tls_.get(); }  // null: without

    using tcp_socket::async_connect;
    using tcp_socket::cancel;
    using tcp_socket::close;
    using tcp_socket::get_executor;
    using tcp_socket::is_open;
    using tcp_socket::local_endpoint;
    using tcp_socket::native_handle;
    using tcp_socket::non_blocking;
    using tcp_socket::open;
    using tcp_socket::set_option;

private:
    friend struct detail::reactor_data;
    friend struct detail::socket_access;

    std::unique_ptr<tls_session> tls_;
};

}  // namespace distd::http
