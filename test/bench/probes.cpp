// What it costs a registry to probe very many instances: the processor while every one of them is probed in
// each interval, and the memory by which it grows from one instance to the next.
#include <chrono>

#include "commands.hpp"
#include "enrolling.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr milliseconds limit{400'000};

struct probing {
    tcp::endpoint registry;
    pid_t pid;
    std::size_t instances;
    milliseconds interval;
    milliseconds span;  // of the measurement
    bool has_heartbeat;
};

task<> measure(const town* all, probing p) {
    const auto size = static_cast<double>(p.instances);
    const auto empty = resident_bytes(p.pid);
    co_await enroll_all(*all, {p.registry, p.instances, false, p.has_heartbeat});
    co_await pause_for(p.interval + p.interval / 4);  // each has been probed
    print("bytes_each", static_cast<double>(resident_bytes(p.pid) - empty) / size);
    if (!p.has_heartbeat) co_return;
    const auto answered = all->answered();
    const auto cpu = cpu_milliseconds(p.pid);
    const auto begin = std::chrono::steady_clock::now();
    co_await pause_for(p.span);
    const auto took = elapsed(begin);
    const auto probes = static_cast<double>(all->answered() - answered);
    const auto used = cpu_milliseconds(p.pid) - cpu;
    print("cpu_percent", used / took * 100);
    print("us_per_probe", used * 1000 / probes);
    // 1 when every instance is probed once in each interval.
    print("probes_per_instance", probes / size * static_cast<double>(p.interval.count()) / took);
}

}  // namespace

void measure_probes(const arguments& given) {
    if (given.size() != 6)
        throw usage_error(
            "expected probes REGISTRY_PORT REGISTRY_PID INSTANCES INTERVAL_MS SPAN_MS probed|unprobed");
    probing p{loopback(number(given[0], 1, 65'535)),
              number(given[1], 1, 1 << 30),
              static_cast<std::size_t>(number(given[2], 1, 1'000'000)),
              milliseconds(number(given[3], 1, 1'000'000)),
              milliseconds(number(given[4], 1, 200'000)),
              given[5] == "probed"};
    allow_open_files(200);  // what is missing shows: the registry opens new connections then
    town all(0);
    boost::asio::io_context loop(1);
    run_until_done(loop, measure(&all, p), limit, "probing");
}

}  // namespace bench
