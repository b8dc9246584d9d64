// How long a change takes to reach everyone who waits for it in a blocking read, and what a reader that waits
// costs beyond its connection.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "commands.hpp"
#include "peer.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr milliseconds limit{60'000};
constexpr milliseconds patience{10'000};  // for one change to reach everyone
constexpr milliseconds settling{1'000};

class audience {
public:
    audience(boost::asio::io_context& loop, int port, pid_t registry, std::size_t size)
        : registry_at_(loopback(port)),
          registry_(registry),
          size_(size),
          everyone_heard_(loop),
          loop_(loop) {}

    task<> measure(int rounds) {
        peer asking = co_await connect(registry_at_);
        co_await asking.ask(change());
        index_ = (co_await asking.ask(get(target))).index;
        // Each has asked once before anything is counted: that is the connection's own memory.
        for (std::size_t i = 0; i < size_; ++i) {
            readers_.push_back(co_await connect(registry_at_));
            co_await readers_.back().ask(get(target));
        }
        co_await pause(settling);
        const auto before = resident_bytes(registry_);
        co_await park_all();
        co_await pause(settling);
        const auto parked = static_cast<double>(resident_bytes(registry_) - before);
        for (std::size_t i = 0; i < size_; ++i) spawn(loop_, follow(readers_[i]));
        for (int round = 0; round < rounds; ++round) co_await spread(asking);
        print("bytes_each", parked / static_cast<double>(size_));
        print("last_median_ms", median(last_));
        print("last_worst_ms", std::ranges::max(last_));
        print("middle_median_ms", median(middle_));
        print("cpu_us_per_watcher", median(cpu_));
    }

private:
    static constexpr const char* target = "/services/Watched";

    // Another one each time, and visible.
    std::string change() {
        return with_body("POST", "/services",
                         R"({"ServiceName":"Watched","ServiceURL":"http://127.0.0.1:9","Version":")" +
                             std::to_string(++version_) + "\"}");
    }
    [[nodiscard]] std::string blocking_read() const {
        return get(std::string(target) + "?wait=10m&index=" + index_);
    }
    task<> park_all() {
        for (auto& reader : readers_) co_await reader.write(blocking_read());
    }

    task<> follow(peer& reader) {
        for (;;) {
            const auto answer = co_await reader.read();
            if (!answer.start_line.starts_with("HTTP/1.1 200")) throw std::runtime_error(answer.start_line);
            if (answer.index == index_) throw std::runtime_error("a watcher was woken for nothing");
            if (--missing_ == size_ / 2) middle_after_ = elapsed(begin_);
            if (missing_ == 0) {
                last_after_ = elapsed(begin_);
                next_index_ = answer.index;
                everyone_heard_.cancel();
            }
        }
    }

    // From sending the change to the last answer.
    task<> spread(peer& asking) {
        missing_ = size_;
        const auto cpu_before = cpu_milliseconds(registry_);
        everyone_heard_.expires_after(patience);
        begin_ = std::chrono::steady_clock::now();
        co_await asking.ask(change());
        if (missing_ != 0)
            co_await everyone_heard_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        if (missing_ != 0) throw std::runtime_error(std::to_string(missing_) + " watchers were not woken");
        last_.push_back(last_after_);
        middle_.push_back(middle_after_);
        cpu_.push_back((cpu_milliseconds(registry_) - cpu_before) * 1000 / static_cast<double>(size_));
        index_ = next_index_;
        missing_ = size_;
        co_await park_all();
        co_await pause(milliseconds(200));
    }

    task<> pause(milliseconds span) {
        boost::asio::steady_timer timer(loop_, span);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }

    tcp::endpoint registry_at_;
    pid_t registry_;
    std::size_t size_;
    std::vector<peer> readers_;
    std::string index_;
    std::string next_index_;
    int version_ = 0;
    std::size_t missing_ = 0;
    std::chrono::steady_clock::time_point begin_;
    double last_after_ = 0;
    double middle_after_ = 0;
    std::vector<double> last_;
    std::vector<double> middle_;
    std::vector<double> cpu_;
    boost::asio::steady_timer everyone_heard_;
    boost::asio::io_context& loop_;
};

}  // namespace

void measure_watchers(const arguments& given) {
    if (given.size() != 4) throw usage_error("expected watchers REGISTRY_PORT REGISTRY_PID WATCHERS ROUNDS");
    const auto watchers = static_cast<std::size_t>(number(given[2], 1, 20'000));
    allow_open_files(watchers + 100);
    boost::asio::io_context loop(1);
    audience all(loop, number(given[0], 1, 65'535), number(given[1], 1, 1 << 30), watchers);
    run_until_done(loop, all.measure(number(given[3], 1, 1000)), limit, "the watchers");
}

}  // namespace bench
