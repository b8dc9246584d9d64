// How long a line that was answered takes to reach everybody who watches the live tail.
#include <algorithm>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "commands.hpp"
#include "peer.hpp"
#include "processes.hpp"

namespace bench {
namespace {

using boost::asio::use_awaitable;
using time_point = std::chrono::steady_clock::time_point;

constexpr milliseconds limit{60'000};

class watched_tail {
public:
    watched_tail(boost::asio::io_context& loop, int port, std::size_t readers, std::size_t lines)
        : loop_(loop), port_(port), readers_(readers), lines_(lines), changed_(loop), seen_(lines) {}

    task<> measure() {
        for (std::size_t i = 0; i < readers_; ++i) spawn(loop_, read_all());
        co_await until([this] { return ready_ == readers_; });
        auto sender = co_await connect(loopback(port_));
        std::vector<double> delays;
        for (std::size_t n = 0; n < lines_; ++n) {
            co_await sender.ask(with_body("POST", "/log", "[Watched] - line " + std::to_string(n)));
            const auto answered = std::chrono::steady_clock::now();
            co_await until([&] { return seen_[n].size() == readers_; });
            for (const auto at : seen_[n])
                delays.push_back(
                    std::max(0.0, std::chrono::duration<double, std::milli>(at - answered).count()));
        }
        print("median_ms", median(delays));
        std::ranges::sort(delays);
        print("p99_ms", delays[delays.size() * 99 / 100]);
        print("worst_ms", delays.back());
    }

private:
    task<> read_all() {
        boost::asio::ip::tcp::socket socket(loop_);
        co_await socket.async_connect(loopback(port_), use_awaitable);
        const auto request = get("/log/tail?service=Watched");
        co_await boost::asio::async_write(socket, boost::asio::buffer(request), use_awaitable);
        std::string unread;
        auto text = boost::asio::dynamic_buffer(unread);
        const auto next = [&](const char* mark) {
            return boost::asio::async_read_until(socket, text, mark, use_awaitable);
        };
        text.consume(co_await next(": ready"));
        ++ready_;
        changed_.cancel();
        for (auto& times : seen_) {
            text.consume(co_await next("\"message\":\"line "));
            times.push_back(std::chrono::steady_clock::now());
            changed_.cancel();
        }
    }
    task<> until(auto holds) {
        while (!holds()) {
            changed_.expires_at(time_point::max());
            boost::system::error_code ignored;
            co_await changed_.async_wait(boost::asio::redirect_error(use_awaitable, ignored));
        }
    }

    boost::asio::io_context& loop_;
    const int port_;
    const std::size_t readers_;
    const std::size_t lines_;
    std::size_t ready_ = 0;
    boost::asio::steady_timer changed_;
    std::vector<std::vector<time_point>> seen_;  // of each line, by its readers
};

}  // namespace

void watch_log_tail(const arguments& given) {
    if (given.size() != 3) throw usage_error("expected log-tail PORT READERS LINES");
    const auto readers = static_cast<std::size_t>(number(given[1], 1, 10'000));
    allow_open_files(readers + 100);
    boost::asio::io_context loop(1);
    watched_tail tail(loop, number(given[0], 1, 65'535), readers,
                      static_cast<std::size_t>(number(given[2], 1, 100'000)));
    run_until_done(loop, tail.measure(), limit, "watching the tail");
}

}  // namespace bench
