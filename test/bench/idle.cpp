// What a connection costs that has asked once and then stays open: the growth of the server's resident memory
// over many.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "commands.hpp"
#include "peer.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr milliseconds limit{30'000};
constexpr int warm_up_requests = 200;
constexpr std::size_t connecting_at_once = 64;

class crowd {
public:
    crowd(tcp::endpoint server, pid_t pid, std::size_t size, const std::string& path)
        : server_(server), pid_(pid), size_(size), request_(get(path)) {}

    task<> gather() {
        co_await warm_up();
        const auto before = resident_bytes(pid_);
        co_await add_all();
        const auto after = co_await settled_memory();
        print("bytes_each", static_cast<double>(after - before) / static_cast<double>(size_));
    }

private:
    // The server's code and first buffers become resident before anything is counted, on a connection that
    // stays open.
    task<> warm_up() {
        members_.push_back(co_await connect(server_));
        for (int i = 0; i < warm_up_requests; ++i) co_await members_.front().ask(request_);
        co_await settled_memory();
    }

    // A batch at a time, so that the server's queue of new connections never overflows.
    task<> add_all() {
        for (std::size_t added = 0; added < size_;) {
            const auto first = members_.size();
            for (; added < size_ && members_.size() - first < connecting_at_once; ++added)
                members_.push_back(co_await connect(server_));
            for (auto i = first; i < members_.size(); ++i) co_await members_[i].write(request_);
            for (auto i = first; i < members_.size(); ++i) {
                const auto answer = co_await members_[i].read();
                if (!answer.start_line.starts_with("HTTP/1.1 200"))
                    throw std::runtime_error(answer.start_line);
            }
        }
    }

    // The memory once it has not changed for half a second: logs are written late.
    task<long> settled_memory() {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
        auto last = resident_bytes(pid_);
        for (int unchanged = 0; unchanged < 5; ++unchanged) {
            timer.expires_after(milliseconds(100));
            co_await timer.async_wait(boost::asio::use_awaitable);
            const auto now = resident_bytes(pid_);
            if (now != last) unchanged = -1;
            last = now;
        }
        co_return last;
    }

    tcp::endpoint server_;
    pid_t pid_;
    std::size_t size_;
    std::string request_;
    std::vector<peer> members_;
};

}  // namespace

void measure_idle_connections(const arguments& given) {
    if (given.size() != 3 && given.size() != 4)
        throw usage_error("expected idle PORT PID CONNECTIONS [PATH]");
    const auto size = static_cast<std::size_t>(number(given[2], 1, 60'000));
    allow_open_files(size + 100);
    boost::asio::io_context loop(1);
    crowd all(loopback(number(given[0], 1, 65'535)), number(given[1], 1, 1 << 30), size,
              given.size() == 4 ? given[3] : "/heartbeat");
    run_until_done(loop, all.gather(), limit, "opening " + given[2] + " connections");
}

}  // namespace bench
