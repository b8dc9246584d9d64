// How long a process takes from fork to its first answer: it announces its addresses on standard output,
// `NAME URL` each and then `ready`; the clock stops when every one of them has answered GET /heartbeat with
// 200.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <sstream>

#include "commands.hpp"
#include "peer.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr milliseconds limit_of_one{5'000};
constexpr std::size_t max_announced_bytes = 4 << 10;

int port_of(const std::string& url) { return number(url.substr(url.rfind(':') + 1), 1, 65'535); }

task<> await_first_answers(int output) {
    boost::asio::posix::stream_descriptor pipe(co_await boost::asio::this_coro::executor, output);
    std::string announced;
    co_await boost::asio::async_read_until(pipe, boost::asio::dynamic_buffer(announced, max_announced_bytes),
                                           "ready\n", boost::asio::use_awaitable);
    std::istringstream words(announced);
    for (std::string name, url; words >> name && name != "ready" && words >> url;) {
        auto asking = co_await connect(loopback(port_of(url)));
        co_await asking.ask(get("/heartbeat"));
    }
}

double start_once(const arguments& command, int core) {
    boost::asio::io_context loop(1);
    const auto begin = std::chrono::steady_clock::now();
    child process(command, core);
    try {
        run_until_done(loop, await_first_answers(process.release_output()), limit_of_one, "the start");
    } catch (const std::exception& e) {
        throw std::runtime_error(command.front() + " did not start: " + e.what());
    }
    return elapsed(begin);
}

// A run of its own number, where the command says {}: each one starts on a new data folder.
arguments numbered(arguments command, int run) {
    for (auto& word : command)
        if (const auto at = word.find("{}"); at != word.npos) word.replace(at, 2, std::to_string(run));
    return command;
}

}  // namespace

void measure_start(const arguments& given) {
    if (given.size() < 3) throw usage_error("expected start RUNS CORE COMMAND...");
    const int runs = number(given[0], 1, 1000);
    const int core = number(given[1], 0, 1023);
    const arguments command(given.begin() + 2, given.end());
    std::vector<double> times;
    for (int run = 0; run < runs; ++run) times.push_back(start_once(numbered(command, run), core));
    print("median_ms", median(times));
    print("worst_ms", std::ranges::max(times));
}

}  // namespace bench
