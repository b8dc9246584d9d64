// How long a provider's arrival takes to reach everyone who requires it. Every subscriber has an address of
// its own, as real ones have, so the registry can share no connection between two of them.
#include <chrono>

#include "commands.hpp"
#include "enrolling.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr milliseconds limit{90'000};
constexpr milliseconds patience{5'000};  // for one change to reach everyone
constexpr milliseconds between{500};     // changes: what the registry notes of the last one is written
constexpr auto provider_url = "http://127.0.0.1:9";  // is not called

class fanout {
public:
    fanout(town& all, tcp::endpoint registry, pid_t pid, std::size_t subscribers)
        : all_(all), registry_(registry), pid_(pid), subscribers_(subscribers) {}

    task<> measure(int rounds) {
        co_await enroll_all(all_, {registry_, subscribers_, true, true});
        peer asking = co_await connect(registry_);
        std::vector<double> arrivals;
        std::vector<double> departures;
        double cpu = 0;
        for (int round = 0; round < rounds; ++round) {
            const auto arrival = with_body("POST", "/services", registration("Provider", provider_url));
            const auto cpu_before = cpu_milliseconds(pid_);
            arrivals.push_back(co_await spread(asking, arrival, R"("Added":[{)"));
            const auto departure = with_body("DELETE", "/services", provider_url);
            co_await pause_for(between);
            departures.push_back(co_await spread(asking, departure, R"("Removed":[{)"));
            co_await pause_for(between);
            cpu += cpu_milliseconds(pid_) - cpu_before;
        }
        const auto patches = static_cast<double>(subscribers_) * 2 * rounds;
        print("added_median_ms", median(arrivals));
        print("added_worst_ms", std::ranges::max(arrivals));
        print("removed_median_ms", median(departures));
        print("cpu_us_per_patch", cpu * 1000 / patches);
    }

private:
    // From sending the request to the last patch that it causes. That one may come before the answer or after
    // it.
    task<double> spread(peer& asking, std::string request, std::string awaited) {
        all_.expect(std::move(awaited));
        const auto begin = town::clock::now();
        co_await asking.ask(std::move(request));
        const auto last = all_.wait_for_all(begin + patience);
        co_return std::chrono::duration<double, std::milli>(last - begin).count();
    }

    town& all_;
    tcp::endpoint registry_;
    pid_t pid_;
    std::size_t subscribers_;
};

}  // namespace

void measure_fanout(const arguments& given) {
    if (given.size() != 4) throw usage_error("expected fanout REGISTRY_PORT REGISTRY_PID SUBSCRIBERS ROUNDS");
    const auto subscribers = static_cast<std::size_t>(number(given[2], 1, 60'000));
    allow_open_files(subscribers + 200);
    town all(subscribers);
    boost::asio::io_context loop(1);
    fanout one(all, loopback(number(given[0], 1, 65'535)), number(given[1], 1, 1 << 30), subscribers);
    run_until_done(loop, one.measure(number(given[3], 1, 1000)), limit, "the fan-out");
}

}  // namespace bench
