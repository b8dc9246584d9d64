#include "http/proxy/tunnel.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t buffer_bytes = 16 * 1024;
constexpr seconds silent{60};  // before TCP probes a side, in the kernel's own steps from then on
constexpr seconds probe_step{75};
constexpr int probes = 9;

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
    keep_alive(a, silent, probe_step, probes);
    keep_alive(b, silent, probe_step, probes);
    co_await (pump(&a, std::move(ahead_of_a), &b) && pump(&b, std::move(ahead_of_b), &a));
}

}  // namespace distd::http
