// The log service under load, and its answers over much of what it has stored.
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdint>
#include <fstream>

#include "commands.hpp"
#include "log_data.hpp"
#include "peer.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr milliseconds fill_limit{300'000};
constexpr milliseconds query_limit{60'000};
constexpr int lines_of_a_batch = 1000;
constexpr int batch_connections = 4;
constexpr int times_each_is_asked = 9;
constexpr int lines_of_a_round = 5'000'000;  // are held in memory, as requests

std::string post(const std::string& body) {
    return "POST /log HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Requests that were rendered before the clock starts, sent over a few connections.
class filling {
public:
    filling(int port, std::vector<std::string> requests) : port_(port), requests_(std::move(requests)) {}

    void run(int connections) {
        boost::asio::io_context loop(1);
        run_until_done(loop, send_all(loop, connections), fill_limit, "filling the log");
    }

private:
    task<> send_all(boost::asio::io_context& loop, int connections) {
        for (int i = 0; i < connections; ++i) spawn(loop, send_some());
        boost::asio::steady_timer timer(loop);
        while (answered_ < requests_.size()) {
            timer.expires_after(milliseconds(1));
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
    }
    task<> send_some() {
        auto server = co_await connect(loopback(port_));
        while (next_ < requests_.size()) {
            auto request = std::move(requests_[next_++]);
            co_await server.ask(std::move(request));
            ++answered_;
        }
    }

    const int port_;
    std::vector<std::string> requests_;
    std::size_t next_ = 0;
    std::size_t answered_ = 0;
};

double peak_resident_mib(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:" && status >> word) return std::stod(word) / 1024;
    return 0;
}

class fill_meter {
public:
    fill_meter(int port, int pid) : port_(port), pid_(pid) {}

    void fill(std::vector<std::string> requests) {
        filling work(port_, std::move(requests));
        const auto cpu = cpu_milliseconds(pid_);
        const auto begin = std::chrono::steady_clock::now();
        work.run(batch_connections);
        took_ms_ += elapsed(begin);
        cpu_ms_ += cpu_milliseconds(pid_) - cpu;
    }
    void print_of(double lines) const {
        print("lines_per_s", lines / took_ms_ * 1000);
        print("cpu_us_per_line", cpu_ms_ * 1000 / lines);
        print("peak_resident_mib", peak_resident_mib(pid_));
    }

private:
    const int port_;
    const int pid_;
    double took_ms_ = 0;
    double cpu_ms_ = 0;
};

enum class until : std::uint8_t { first_line, end };

// Without keep-alive: the end of the answer is the end of the connection, however it is framed.
task<> ask(int port, std::string path, until enough, std::size_t* lines) {
    boost::asio::ip::tcp::socket socket(co_await boost::asio::this_coro::executor);
    co_await socket.async_connect(loopback(port), boost::asio::use_awaitable);
    const auto request = "GET " + path + " HTTP/1.0\r\n\r\n";
    co_await boost::asio::async_write(socket, boost::asio::buffer(request), boost::asio::use_awaitable);
    std::string answer;
    boost::system::error_code end;
    const auto wanted = [&](const boost::system::error_code& ec, std::size_t) -> std::size_t {
        const auto head = enough == until::first_line ? answer.find("\r\n\r\n") : std::string::npos;
        const bool has_line = head != std::string::npos && answer.find('\n', head + 4) != std::string::npos;
        return ec || has_line ? 0 : 64 << 10;
    };
    co_await boost::asio::async_read(socket, boost::asio::dynamic_buffer(answer), wanted,
                                     boost::asio::redirect_error(boost::asio::use_awaitable, end));
    if (answer.find(" 200 ") > 16) throw std::runtime_error(path + ": " + answer.substr(0, 300));
    const auto body = answer.find("\r\n\r\n") + 4;
    *lines = static_cast<std::size_t>(
        std::count(answer.begin() + static_cast<std::ptrdiff_t>(body), answer.end(), '\n'));
}

double time_query(int port, const char* name, const std::string& path, until enough = until::end) {
    std::vector<double> times;
    std::size_t lines = 0;
    for (int i = 0; i < times_each_is_asked; ++i) {
        boost::asio::io_context loop(1);
        const auto begin = std::chrono::steady_clock::now();
        run_until_done(loop, ask(port, path, enough, &lines), query_limit, path);
        times.push_back(elapsed(begin));
    }
    std::printf("%s %.3f %zu\n", name, median(times), lines);
    return median(times);
}

}  // namespace

void fill_log_in_batches(const arguments& given) {
    if (given.size() != 3) throw usage_error("expected log-batches PORT PID LINES");
    const int lines = number(given[2], lines_of_a_batch, 100'000'000);
    const int port = number(given[0], 1, 65'535);
    const int pid = number(given[1], 1, 1 << 30);
    log_data data(static_cast<std::uint64_t>(lines));
    double bytes = 0;
    fill_meter meter(port, pid);
    for (int made = 0; made < lines;) {
        std::vector<std::string> requests;
        for (const int end = std::min(lines - made, lines_of_a_round) + made; made < end;
             made += lines_of_a_batch) {
            std::string body;
            for (int n = 0; n < lines_of_a_batch; ++n) data.append_line(body);
            bytes += static_cast<double>(body.size());
            requests.push_back(post(body));
        }
        meter.fill(std::move(requests));
    }
    print("input_bytes", bytes);
    std::printf("trace %s\n", data.some_trace().c_str());
    meter.print_of(lines);
}

// Each prints its median time in milliseconds and the lines of its answer.
void ask_log(const arguments& given) {
    if (given.size() != 2) throw usage_error("expected log-queries PORT TRACE");
    const int port = number(given[0], 1, 65'535);
    const std::string rare = log_data::rare_word;
    time_query(port, "round_trip_ms", "/heartbeat");
    time_query(port, "rare_word_ms", "/log?q=" + rare);
    time_query(port, "trace_ms", "/log?trace=" + given[1]);
    time_query(port, "absent_word_ms", "/log?q=zzzabsentzzz");
    time_query(port, "absent_trace_ms", "/log?trace=0123456789abcdef0123456789abcdee");
    time_query(port, "last_100_of_a_service_ms", "/log?service=grades-service-0");
    time_query(port, "last_100_of_the_rarest_service_ms", "/log?service=orders-service-49");
    time_query(port, "last_100_ms", "/log");
    time_query(port, "last_100_errors_ms", "/log?level=error");
    time_query(port, "substring_over_all_ms", "/log?q=*zzzabsentzzz*");
    time_query(port, "substring_in_seven_ms", "/log?q=*lophone*");
    time_query(port, "count_by_level_ms", "/log/stats?by=level");
    time_query(port, "count_by_service_ms", "/log/stats?by=service");
    time_query(port, "count_by_service_and_level_ms", "/log/stats?by=service,level");
    time_query(port, "histogram_ms", "/log/stats?by=level&bucket=5m");
    time_query(port, "count_of_a_phrase_ms", "/log/stats?q=%22deadlock+detected%22");
    time_query(port, "count_of_an_expression_ms", "/log/stats?q=%2Fdeadlock.*txid%3D9%2F");
    double slowest = 0;
    for (const auto* q :
         {"", "&q=*e*", "&q=*lophone*", "&q=%2Fdeadlock.*txid%3D9%2F", "&q=-cache&level=error"})
        slowest = std::max(slowest, time_query(port, "first_line_ms", "/log?limit=1000000" + std::string(q),
                                               until::first_line));
    print("slowest_first_line_ms", slowest);
    time_query(port, "count_without_case_ms", "/log/stats?q=DEADLOCK&case=ignore");
    time_query(port, "count_of_a_part_ms", "/log/stats?q=*eadloc*");
}

}  // namespace bench
