// The TCP sockets of both sides, with the loop's own executor: see distd/task.hpp.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <distd/task.hpp>

namespace distd::http {

using stream_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;

}  // namespace distd::http
