// What the kernel alone asks for: the same bytes over as many sockets, and to the same disk, with nothing
// done in between. Bars are held against this, so that they mean the same on any machine.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "commands.hpp"
#include "peer.hpp"
#include "processes.hpp"
#include "town.hpp"

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t disk_unit = 4096;
constexpr std::size_t log_file_bytes = 8 << 20;

void watch(int poller, int fd) {
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.fd = fd;
    if (::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) != 0) throw_errno("epoll_ctl");
}

void send_at_once(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// ---- lines: recv, one write to the disk for all that came meanwhile, send

class line_server {
public:
    explicit line_server(const std::string& directory) {
        std::string name = directory + "/floor-XXXXXX";
        const int file = ::mkstemp(name.data());
        if (file < 0) throw_errno("mkstemp");
        const std::vector<char> zeros(log_file_bytes, '0');
        if (::write(file, zeros.data(), zeros.size()) != ssize_t{log_file_bytes} || ::fsync(file) != 0)
            throw_errno("write");
        file_ = ::open(name.c_str(), O_RDWR | O_DIRECT | O_DSYNC);
        ::unlink(name.c_str());
        ::close(file);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        poller_ = ::epoll_create1(0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (file_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
            ::listen(listener_, 512) != 0)
            throw_errno("the server of lines");
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
        watch(poller_, listener_);
        std::printf("port %d\n", ntohs(at.sin_port));
        std::fflush(stdout);
    }

    [[noreturn]] void serve() {
        std::array<epoll_event, 256> events{};
        for (;;) {
            const int n = ::epoll_wait(poller_, events.data(), static_cast<int>(events.size()), -1);
            used_ = 0;
            waiting_.clear();
            for (int i = 0; i < n; ++i) take(events[static_cast<std::size_t>(i)].data.fd);
            if (waiting_.empty()) continue;
            commit();
            for (const int fd : waiting_)
                static_cast<void>(!::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL));
        }
    }

private:
    // As long as an answer of ours.
    static constexpr std::string_view answer =
        "HTTP/1.1 200 OK\r\nServer: floor\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 12\r\n"
        "Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n"
        "X-Request-Id: 0123456789abcdef\r\n\r\n{\"seq\":1234}";

    // wrk sends a request at a time, and in one piece.
    void take(int fd) {
        if (fd == listener_) {
            const int caller = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (caller < 0) return;
            send_at_once(caller);
            return watch(poller_, caller);
        }
        const auto n = ::recv(fd, batch_.get() + used_, batch_bytes - used_, 0);
        if (n == 0) ::close(fd);
        if (n <= 0) return;
        used_ += static_cast<std::size_t>(n);
        waiting_.push_back(fd);
    }

    void commit() {
        const auto size = (used_ + disk_unit - 1) / disk_unit * disk_unit;
        if (offset_ + size > log_file_bytes) offset_ = 0;
        if (::pwrite(file_, batch_.get(), size, static_cast<off_t>(offset_)) != static_cast<ssize_t>(size))
            throw_errno("pwrite");
        offset_ += size;
    }

    static constexpr std::size_t batch_bytes = 1 << 20;
    std::unique_ptr<char, decltype(&std::free)> batch_{
        static_cast<char*>(std::aligned_alloc(disk_unit, batch_bytes)), &std::free};
    int file_ = -1;
    int listener_ = -1;
    int poller_ = -1;
    std::size_t used_ = 0;
    std::size_t offset_ = 0;
    std::vector<int> waiting_;
};

// ---- calls: send to each of very many, read what each answers

double cpu_us() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto us = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return us(used.ru_utime) + us(used.ru_stime);
}

class caller {
public:
    caller(const std::vector<std::string>& urls, std::size_t request_bytes) {
        request_ = "POST /services HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";
        const auto body = request_bytes > request_.size() ? request_bytes - request_.size() : 0;
        std::array<char, 8> digits{};
        std::snprintf(digits.data(), digits.size(), "%04zu", body);
        request_.replace(request_.find("1000"), 4, digits.data());
        request_.append(body, 'x');
        for (const auto& url : urls) connect(url);
    }

    // To all of them, as fast as they take it.
    void call_all() {
        for (const int fd : sockets_) send_to(fd);
        for (auto left = sockets_.size(); left > 0;) left -= read_some();
    }

    // One after the other, so many in a millisecond, evenly.
    void call_for(std::chrono::milliseconds span, double each_millisecond) {
        const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        const itimerspec every{{0, 1'000'000}, {0, 1'000'000}};
        ::timerfd_settime(timer, 0, &every, nullptr);
        watch(poller_, timer);
        timer_ = timer;
        double due = 0;
        std::size_t next = 0;
        const auto end = clock::now() + span;
        while (clock::now() < end) {
            answered_ += read_some();
            for (due += each_millisecond * static_cast<double>(std::exchange(ticks_, 0)); due >= 1; due -= 1)
                send_to(sockets_[next++ % sockets_.size()]);
        }
    }
    [[nodiscard]] std::size_t answered() const noexcept { return answered_; }

private:
    void connect(const std::string& url) {
        const auto host = url.substr(7, url.rfind(':') - 7);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(static_cast<std::uint16_t>(std::atoi(url.c_str() + url.rfind(':') + 1)));
        ::inet_pton(AF_INET, host.c_str(), &at.sin_addr);
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) throw_errno("connect");
        ::fcntl(fd, F_SETFL, O_NONBLOCK);
        send_at_once(fd);
        watch(poller_, fd);
        sockets_.push_back(fd);
    }
    void send_to(int fd) {
        if (::send(fd, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) throw_errno("send");
    }
    // How many have answered.
    std::size_t read_some() {
        const int n = ::epoll_wait(poller_, events_.data(), static_cast<int>(events_.size()), -1);
        std::size_t answers = 0;
        for (int i = 0; i < n; ++i) {
            const int fd = events_[static_cast<std::size_t>(i)].data.fd;
            if (fd == timer_) {
                std::uint64_t passed = 0;
                if (::read(fd, &passed, sizeof passed) > 0) ticks_ += passed;
                continue;
            }
            if (::recv(fd, input_.data(), input_.size(), 0) == 0) throw_errno("recv");
            ++answers;
        }
        return answers;
    }

    std::string request_;
    int poller_ = ::epoll_create1(0);
    int timer_ = -1;
    std::uint64_t ticks_ = 0;
    std::size_t answered_ = 0;
    std::vector<int> sockets_;
    std::array<epoll_event, 256> events_{};
    std::array<char, 4096> input_{};
};

struct calls {
    std::size_t instances;
    std::size_t request_bytes;
    int rounds;       // 0: paced
    int interval_ms;  // paced: each is called once in so long
    std::size_t core;
};

void call(const calls& c, const std::vector<std::string>& urls) {
    caller one(urls, c.request_bytes);
    one.call_all();
    const auto before = cpu_us();
    if (c.rounds == 0) {
        one.call_for(std::chrono::milliseconds(2 * c.interval_ms),
                     static_cast<double>(c.instances) / c.interval_ms);
        print("cpu_us_per_call", (cpu_us() - before) / static_cast<double>(one.answered()));
        return;
    }
    std::vector<double> took;
    for (int i = 0; i < c.rounds; ++i) {
        const auto begin = clock::now();
        one.call_all();
        took.push_back(elapsed(begin));
    }
    print("all_ms", median(took));
    print("cpu_us_per_call", (cpu_us() - before) / static_cast<double>(c.instances) / c.rounds);
}

std::vector<std::string> lines_from(int pipe) {
    std::vector<std::string> lines;
    const std::unique_ptr<FILE, int (*)(FILE*)> in(::fdopen(pipe, "r"), &std::fclose);
    std::array<char, 64> line{};
    while (std::fgets(line.data(), line.size(), in.get()))
        lines.emplace_back(line.data(), std::strcspn(line.data(), "\n"));
    return lines;
}

// In a process of its own, which has no other thread.
int call_from_child(const calls& c, int pipe) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(c.core, &cores);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::sched_setaffinity(0, sizeof cores, &cores);
    try {
        call(c, lines_from(pipe));
        return std::fflush(stdout);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "distd_bench floor-calls: %s\n", e.what());
        return 1;
    }
}

}  // namespace

void serve_lines_as_floor(const arguments& given) {
    if (given.size() != 1) throw usage_error("expected floor-lines DIRECTORY");
    line_server(given[0]).serve();
}

void measure_floor_of_calls(const arguments& given) {
    if (given.size() != 5)
        throw usage_error("expected floor-calls INSTANCES REQUEST_BYTES ROUNDS|0 INTERVAL_MS CORE");
    const calls c{static_cast<std::size_t>(number(given[0], 1, 60'000)),
                  static_cast<std::size_t>(number(given[1], 1, 4000)), number(given[2], 0, 1000),
                  number(given[3], 1, 100'000), static_cast<std::size_t>(number(given[4], 0, 1023))};
    allow_open_files(c.instances + 200);
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw_errno("pipe");
    const pid_t child = ::fork();  // before there is any thread
    if (child < 0) throw_errno("fork");
    if (child == 0) {
        ::close(pipe[1]);
        ::_exit(call_from_child(c, pipe[0]));
    }
    ::close(pipe[0]);
    const town all(c.instances);
    std::string urls;
    for (std::size_t i = 0; i < c.instances; ++i) urls += all.url(i) + "\n";
    for (std::size_t sent = 0; sent < urls.size();) {
        const auto n = ::write(pipe[1], urls.data() + sent, urls.size() - sent);
        if (n < 0) throw_errno("write");
        sent += static_cast<std::size_t>(n);
    }
    ::close(pipe[1]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error("the caller failed");
}

}  // namespace bench
