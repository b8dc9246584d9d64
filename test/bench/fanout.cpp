// How long a provider's arrival takes to reach everyone who requires it. Every subscriber is a listening port
// of its own, as real ones are, so the registry can share no connection between two of them; all of them live
// in this process.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>

#include "commands.hpp"
#include "peer.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr milliseconds limit{60'000};
constexpr milliseconds patience{5'000};  // for one change to reach everyone
constexpr auto everything_ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

std::string url_of(int port) { return "http://127.0.0.1:" + std::to_string(port); }

std::string registration(const std::string& name, int port, const std::string& required) {
    const auto url = url_of(port);
    return R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + R"(","RequiredServices":[)" +
           required + R"(],"ServiceUpdateURL":")" + url + R"(/services","HeartbeatURL":")" + url +
           R"(/heartbeat"})";
}

class town {
public:
    town(boost::asio::io_context& loop, int registry_port, pid_t registry, std::size_t subscribers)
        : loop_(loop),
          registry_at_(loopback(registry_port)),
          registry_(registry),
          heard_(subscribers),
          everyone_heard_(loop) {
        for (std::size_t i = 0; i < subscribers; ++i) open(i);
        provider_port_ = open(subscribers);  // hears nothing that counts
    }

    task<> measure(int rounds) {
        co_await enroll_all();
        peer asking = co_await connect(registry_at_);
        std::vector<double> arrivals;
        std::vector<double> departures;
        const auto cpu_before = cpu_milliseconds(registry_);
        for (int round = 0; round < rounds; ++round) {
            const auto arrival = with_body("POST", "/services", registration("Provider", provider_port_, ""));
            arrivals.push_back(co_await spread(asking, arrival, R"("Added":[{)"));
            const auto departure = with_body("DELETE", "/services", url_of(provider_port_));
            departures.push_back(co_await spread(asking, departure, R"("Removed":[{)"));
        }
        const auto patches = static_cast<double>(heard_.size()) * 2 * rounds;
        print("added_median_ms", median(arrivals));
        print("added_worst_ms", std::ranges::max(arrivals));
        print("removed_median_ms", median(departures));
        print("cpu_us_per_patch", (cpu_milliseconds(registry_) - cpu_before) * 1000 / patches);
    }

private:
    // Starts to listen on a port of its own, for the subscriber of that number.
    int open(std::size_t who) {
        tcp::acceptor listening(loop_, loopback(0));
        ports_.push_back(listening.local_endpoint().port());
        spawn(loop_, accept(std::move(listening), who));
        return ports_.back();
    }

    task<> accept(tcp::acceptor listening, std::size_t who) {
        for (;;) {
            auto socket = co_await listening.async_accept(boost::asio::use_awaitable);
            socket.set_option(tcp::no_delay(true));
            spawn(loop_, serve(peer(std::move(socket)), who));
        }
    }

    task<> serve(peer caller, std::size_t who) {
        try {
            for (;;) {
                const auto request = co_await caller.read();
                if (who < heard_.size() && request.start_line.starts_with("POST")) take(who, request.body);
                co_await caller.write(everything_ok);
            }
        } catch (const boost::system::system_error&) {
            // The caller has closed the connection.
        }
    }

    void take(std::size_t who, const std::string& patch) {
        if (awaited_.empty() || patch.find(awaited_) == patch.npos) return;
        if (heard_[who]) throw std::runtime_error("a subscriber got the same patch twice: " + patch);
        if (patch.find(url_of(provider_port_)) == patch.npos)
            throw std::runtime_error("a subscriber got a patch that names another provider: " + patch);
        heard_[who] = true;
        if (--missing_ != 0) return;
        last_patch_after_ = elapsed(begin_);
        everyone_heard_.cancel();
    }

    task<> enroll_all() {
        peer asking = co_await connect(registry_at_);
        for (std::size_t i = 0; i < heard_.size(); ++i) {
            const auto body = registration("Subscriber" + std::to_string(i), ports_[i], R"("Provider")");
            co_await asking.ask(with_body("POST", "/services", body));
        }
    }

    // From sending the request to the last patch that it causes. That one may come before the answer or after
    // it.
    task<double> spread(peer& asking, std::string request, std::string awaited) {
        heard_.assign(heard_.size(), false);
        missing_ = heard_.size();
        awaited_ = std::move(awaited);
        everyone_heard_.expires_after(patience);
        begin_ = std::chrono::steady_clock::now();
        co_await asking.ask(std::move(request));
        if (missing_ != 0)
            co_await everyone_heard_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        if (missing_ != 0)
            throw std::runtime_error(std::to_string(missing_) + " of " + std::to_string(heard_.size()) +
                                     " subscribers did not hear of it within " +
                                     std::to_string(patience.count()) + " ms");
        awaited_.clear();
        co_return last_patch_after_;
    }

    boost::asio::io_context& loop_;
    tcp::endpoint registry_at_;
    pid_t registry_;
    int provider_port_ = 0;
    std::vector<int> ports_;
    std::vector<bool> heard_;
    std::size_t missing_ = 0;
    std::string awaited_;
    std::chrono::steady_clock::time_point begin_;
    double last_patch_after_ = 0;
    boost::asio::steady_timer everyone_heard_;
};

}  // namespace

void measure_fanout(const arguments& given) {
    if (given.size() != 4) throw usage_error("expected fanout REGISTRY_PORT REGISTRY_PID SUBSCRIBERS ROUNDS");
    const auto subscribers = static_cast<std::size_t>(number(given[2], 1, 4000));
    allow_open_files(subscribers * 4 + 100);
    boost::asio::io_context loop(1);
    town all(loop, number(given[0], 1, 65'535), number(given[1], 1, 1 << 30), subscribers);
    run_until_done(loop, all.measure(number(given[3], 1, 1000)), limit, "the fan-out");
}

}  // namespace bench
