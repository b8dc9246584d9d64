#include "http/proxy/tunnel.hpp"

#include <netinet/tcp.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t buffer_bytes = 16 * 1024;
constexpr int silent_seconds = 60;

void watch_for_silence(stream_socket& s) {
    boost::system::error_code ignored;
    s.set_option(asio::socket_base::keep_alive(true), ignored);
    s.set_option(asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>(silent_seconds), ignored);
}

task<> pump(stream_socket* from, std::string ahead, stream_socket* to) {
    boost::system::error_code ignored;
    auto buffer = std::move(ahead);
    auto size = buffer.size();
    buffer.resize(std::max(size, buffer_bytes));
    for (;;) {
        if (size > 0) {
            const auto failed = co_await write_all(to, asio::buffer(buffer.data(), size));
            if (failed) break;
        }
        const auto [ec, n] = co_await read_some(from, asio::buffer(buffer));
        if (ec == asio::error::eof) {
            shut_down(*to);
            co_return;
        }
        if (ec) break;
        size = n;
    }
    // Broken: the other way ends, too.
    from->close(ignored);
    to->close(ignored);
}

}  // namespace

task<> tunnel(stream_socket& a, std::string ahead_of_a, stream_socket& b, std::string ahead_of_b) {
    using namespace asio::experimental::awaitable_operators;
    watch_for_silence(a);
    watch_for_silence(b);
    co_await (pump(&a, std::move(ahead_of_a), &b) && pump(&b, std::move(ahead_of_b), &a));
}

}  // namespace distd::http
