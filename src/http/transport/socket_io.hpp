// The bytes of a socket that does not block: reads, writes, waits, and looks that take nothing away. Nothing
// else touches them.
//
// Asio's reads and writes do the same through glibc's recv and send, which in a process with threads make of
// each call a point where its thread may be cancelled; nobody does that here, and at two to five calls for a
// small request it shows.
#pragma once

#include <boost/asio/append.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <span>
#include <utility>

#include <distd/time.hpp>
#include "http/transport/stream_socket.hpp"

namespace distd::http {

namespace detail {

// The socket as Asio has it.
struct socket_access {
    static tcp_socket& of(stream_socket& s) noexcept { return s; }
};

enum class readable_when : std::uint8_t { it_is_now, bytes_come, there_is_room };
[[nodiscard]] readable_when when_readable(const tls_session&) noexcept;
[[nodiscard]] bool writes_when_bytes_come(const tls_session&) noexcept;

}  // namespace detail

struct io_end {
    boost::system::error_code ec;
    std::size_t size = 0;
};

// As much as has come and has room: asio::error::would_block when nothing has, asio::error::eof at the end.
// With TLS the end has to be said: asio::error::connection_reset where the connection just ended.
[[nodiscard]] std::size_t read_now(stream_socket&, boost::asio::mutable_buffer, boost::system::error_code&);

// Whether that read, which had `room` and brought `n` bytes, left nothing behind. Then the next wait may be
// an edge wait (edge_wait.hpp).
[[nodiscard]] bool is_drained(const stream_socket&, std::size_t n, std::size_t room) noexcept;

// As `read_now`, waiting for the first byte or the end, and giving others a turn first. Asio's own read does
// not look before it waits where an edge wait was the last to hear of the socket, and would sleep over a
// close that came right behind the bytes before.
[[nodiscard]] task<io_end> read_some(stream_socket*, boost::asio::mutable_buffer);

// As much as the kernel takes, of at most four pieces: asio::error::would_block when that is nothing. Whoever
// goes on does so with the first byte that was not taken.
[[nodiscard]] std::size_t write_now(stream_socket&, std::span<const boost::asio::const_buffer>,
                                    boost::system::error_code&);
[[nodiscard]] std::size_t write_now(stream_socket&, boost::asio::const_buffer, boost::system::error_code&);
// The same, waiting until that is something, and giving others a turn.
[[nodiscard]] task<io_end> write_some(stream_socket*, std::span<const boost::asio::const_buffer>);
// All of it, or why not.
[[nodiscard]] task<boost::system::error_code> write_all(stream_socket*, boost::asio::const_buffer);

// Until there may be something to read, or the peer has closed; `read_now` says which.
template <class Token>
auto wait_for_bytes(stream_socket& socket, Token&& token) {
    const auto begin = [](auto handler, stream_socket* s) {
        using enum detail::readable_when;
        auto& bare = detail::socket_access::of(*s);
        const auto when = s->tls() ? detail::when_readable(*s->tls()) : bytes_come;
        if (when == it_is_now)
            boost::asio::post(bare.get_executor(),
                              boost::asio::append(std::move(handler), boost::system::error_code()));
        else
            bare.async_wait(when == bytes_come ? tcp_socket::wait_read : tcp_socket::wait_write,
                            std::move(handler));
    };
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(begin, token, &socket);
}

// Until more may be written.
template <class Token>
auto wait_for_room(stream_socket& s, Token&& token) {
    const bool is_for_bytes = s.tls() && detail::writes_when_bytes_come(*s.tls());
    return detail::socket_access::of(s).async_wait(
        is_for_bytes ? tcp_socket::wait_read : tcp_socket::wait_write, std::forward<Token>(token));
}

// Goes on with a handshake: asio::error::would_block while it is not over. At once without TLS.
void shake_hands_now(stream_socket&, boost::system::error_code&);

// The peer may know that nothing is missing: for the end of what was sent whole. No more than that: the
// connection is not closed.
void say_goodbye(stream_socket&) noexcept;
// Nothing more is sent; what comes is still read.
void shut_down(stream_socket&) noexcept;

// TCP's own keep-alive, which notices a peer that went away without a word: probes after `idle`, of which so
// many, so far apart, may stay without an answer.
void keep_alive(stream_socket&, seconds idle, seconds between, int probes) noexcept;
// As if the peer had gone.
void break_off(stream_socket&) noexcept;

// Whether `read_now` would bring bytes, or the end. With TLS other things may have come, such as a ticket:
// they are taken in, so this is for whoever reads next, and for nobody beside him.
[[nodiscard]] bool has_news(stream_socket&);

// With TLS: whether the peer has said goodbye, where that, or that and other words of TLS, is all there is to
// read. They are taken in for it: this is for where nobody reads, or whoever does was woken by the same
// bytes.
[[nodiscard]] bool has_said_goodbye(stream_socket&);

// Looks, which never take anything away: a look that did would let somebody else's wait sleep over it.

// Nothing to read and not closed. On an idle connection any readable state disqualifies: a close, an error,
// and also bytes, which nobody asked for.
[[nodiscard]] bool is_quiet(stream_socket&) noexcept;
[[nodiscard]] bool has_bytes(stream_socket&) noexcept;
// Closed or reset, with nothing more to read before.
[[nodiscard]] bool has_left(stream_socket&) noexcept;
// With TLS a goodbye comes before the close: what is there to be read may be that, and the close its next
// news.
[[nodiscard]] bool may_be_leaving(stream_socket&) noexcept;

}  // namespace distd::http
