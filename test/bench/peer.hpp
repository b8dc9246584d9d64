// As much HTTP as a benchmark needs, on either side of a connection: messages with a Content-Length or
// without a body.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string>

namespace bench {

template <class Value = void>
using task = boost::asio::awaitable<Value>;
using tcp = boost::asio::ip::tcp;
using milliseconds = std::chrono::milliseconds;

struct message {
    std::string start_line;
    std::string body;
    std::string index;  // X-Distd-Index; empty without one
};

// One end of a connection. It must outlive what it is asked for.
class peer {
public:
    explicit peer(tcp::socket socket) : socket_(std::move(socket)) {}

    [[nodiscard]] task<message> read();
    [[nodiscard]] task<> write(std::string text);
    // Sends a request and reads its answer. Throws when that is not a 200.
    [[nodiscard]] task<message> ask(std::string request);

private:
    tcp::socket socket_;
    std::string unread_;
};

[[nodiscard]] tcp::endpoint loopback(int port);
[[nodiscard]] task<peer> connect(tcp::endpoint);
[[nodiscard]] std::string get(const std::string& path);
[[nodiscard]] std::string with_body(const std::string& method, const std::string& path,
                                    const std::string& body);

[[nodiscard]] task<> pause_for(milliseconds span);

// Starts `work`; what it throws leaves the loop's run().
void spawn(boost::asio::io_context&, task<> work);

// Runs the loop until `work` has ended, and leaves everything else on it where it stands. Throws what
// anything on the loop throws, and when `limit` is over.
void run_until_done(boost::asio::io_context&, task<> work, milliseconds limit, const std::string& what);

// Milliseconds, with their fractions, since `begin`.
[[nodiscard]] double elapsed(std::chrono::steady_clock::time_point begin);

}  // namespace bench
