// Reads and writes on a socket that does not block. Asio's do the same through glibc's recv and send, which
// in a process with threads make of each call a point where its thread may be cancelled; nobody does that
// here, and at two to five calls for a small request it shows.
#pragma once

#include <boost/asio/buffer.hpp>
#include <span>

#include "http/transport/stream_socket.hpp"

namespace distd::http {

struct read_end {
    boost::system::error_code ec;
    std::size_t size = 0;
};

// As much as has come and has room: asio::error::would_block when nothing has, asio::error::eof at the end.
[[nodiscard]] std::size_t read_now(stream_socket&, boost::asio::mutable_buffer, boost::system::error_code&);

// The same, waiting for the first byte or the end, and giving others a turn first. Asio's own read does not
// look before it waits where an edge wait (edge_wait.hpp) was the last to hear of the socket, and would sleep
// over a close that came right behind the bytes before.
[[nodiscard]] task<read_end> read_some(stream_socket*, boost::asio::mutable_buffer);

// As much as the kernel takes, of at most four pieces: asio::error::would_block when that is nothing.
[[nodiscard]] std::size_t write_now(stream_socket&, std::span<const boost::asio::const_buffer>,
                                    boost::system::error_code&);
[[nodiscard]] std::size_t write_now(stream_socket&, boost::asio::const_buffer, boost::system::error_code&);

// Nothing to read and not closed. On an idle connection any readable state disqualifies: a close, an error,
// and also bytes, which nobody asked for.
[[nodiscard]] bool is_quiet(stream_socket&) noexcept;
// Closed or reset, with nothing more to read before.
[[nodiscard]] bool has_left(stream_socket&) noexcept;

}  // namespace distd::http
