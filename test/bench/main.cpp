// The benchmarks' tool. test/bench/run says what is measured and judges it; this measures what no other tool
// does.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <charconv>
#include <cstdio>
#include <map>

#include "commands.hpp"
#include "peer.hpp"

namespace bench {

int number(const std::string& text, int min, int max) {
    int value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size() || value < min || value > max)
        throw usage_error("'" + text + "' is not a number from " + std::to_string(min) + " to " +
                          std::to_string(max));
    return value;
}

void print(const char* name, double value) { std::printf("%s %.3f\n", name, value); }

// A port for a peer that cannot choose one itself.
void print_free_port(const arguments&) {
    boost::asio::io_context loop(1);
    const tcp::acceptor listening(loop, loopback(0));
    std::printf("port %d\n", listening.local_endpoint().port());
}

}  // namespace bench

int main(int argc, char** argv) {
    const std::map<std::string, void (*)(const bench::arguments&)> commands{
        {"port", &bench::print_free_port},
        {"idle", &bench::measure_idle_connections},
        {"start", &bench::measure_start},
        {"fanout", &bench::measure_fanout},
        {"log-batches", &bench::fill_log_in_batches},
        {"log-queries", &bench::ask_log},
        {"log-tail", &bench::watch_log_tail},
        {"watchers", &bench::measure_watchers},
        {"probes", &bench::measure_probes},
        {"syncs", &bench::measure_syncs},
        {"floor-lines", &bench::serve_lines_as_floor},
        {"floor-batches", &bench::serve_batches_as_floor},
        {"floor-calls", &bench::measure_floor_of_calls},
        {"floor-scan", &bench::measure_floor_of_scans},
    };
    const auto chosen = argc > 1 ? commands.find(argv[1]) : commands.end();
    try {
        if (chosen == commands.end())
            throw bench::usage_error(
                "expected one of port | idle | start | fanout | watchers | probes | log-batches "
                "| log-queries | log-tail | syncs | floor-lines | floor-batches "
                "| floor-calls | floor-scan");
        chosen->second(bench::arguments(argv + 2, argv + argc));
        return 0;
    } catch (const bench::usage_error& e) {
        std::fprintf(stderr, "distd_bench: %s\n", e.what());
        return 2;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "distd_bench %s: %s\n", argv[1], e.what());
        return 1;
    }
}
