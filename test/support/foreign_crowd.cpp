#include "support/foreign_crowd.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace distd::test {
namespace {

constexpr unsigned first_address = (127U << 24) + (1U << 16);  // 127.1.0.0
constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

void allow_many_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// What to look for, by the number that epoll gives back: descriptors are below 2^32, members above.
std::uint64_t tag(int fd, std::size_t member_plus_one) {
    return (static_cast<std::uint64_t>(member_plus_one) << 32) | static_cast<std::uint32_t>(fd);
}

void watch(int poller, int fd, std::size_t member_plus_one) {
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.u64 = tag(fd, member_plus_one);
    ::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
}

}  // namespace

foreign_crowd::foreign_crowd(std::size_t members) {
    allow_many_descriptors();
    poller_ = ::epoll_create1(EPOLL_CLOEXEC);
    stopper_ = ::eventfd(0, EFD_CLOEXEC);
    watch(poller_, stopper_, 0);
    for (std::size_t i = 0; i < members; ++i) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(first_address + static_cast<unsigned>(i) + 1);
        socklen_t length = sizeof at;
        if (::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(fd, 16) != 0)
            throw std::runtime_error("a crowd of that size has no room");
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &length);
        listeners_.push_back(fd);
        ports_.push_back(ntohs(at.sin_port));
        watch(poller_, fd, i + 1);
    }
    thread_ = std::thread([this] { serve(); });
}

foreign_crowd::~foreign_crowd() {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(stopper_, &one, sizeof one));
    thread_.join();
    for (const int fd : listeners_) ::close(fd);
    for (const auto& [fd, p] : peers_) ::close(fd);
    ::close(stopper_);
    ::close(poller_);
}

std::string foreign_crowd::address(std::size_t i) const {
    in_addr a{};
    a.s_addr = htonl(first_address + static_cast<unsigned>(i) + 1);
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &a, text.data(), text.size());
    return std::string("http://") + text.data() + ":" + std::to_string(ports_[i]);
}

std::string foreign_crowd::registration(std::size_t i, const std::string& required) const {
    const auto own = address(i);
    return R"({"ServiceName":"Crowd","ServiceURL":")" + own + R"(","RequiredServices":[")" + required +
           R"("],"ServiceUpdateURL":")" + own + R"(/update","HeartbeatURL":")" + own + R"(/heartbeat"})";
}

foreign_crowd::tally foreign_crowd::heard_of(const std::string& url) const {
    const std::lock_guard lock(mutex_);
    tally t;
    std::map<std::size_t, std::size_t> times;
    for (const auto& n : notes_) {
        const auto list = n.body.substr(0, n.body.find("\"Removed\""));  // ours comes in that order
        if (list.find('"' + url + '"') == std::string::npos) continue;
        t.max = std::max(t.max, ++times[n.member]);
        t.last = std::max(t.last, n.at);
    }
    t.members = times.size();
    return t;
}

void foreign_crowd::serve() {
    std::array<epoll_event, 256> ready{};
    for (;;) {
        const int n = ::epoll_wait(poller_, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < n; ++i) {
            const int fd = static_cast<int>(ready[static_cast<std::size_t>(i)].data.u64 & 0xffffffffU);
            const auto member = static_cast<std::size_t>(ready[static_cast<std::size_t>(i)].data.u64 >> 32);
            if (fd == stopper_) return;
            if (member > 0) {
                accept_one(fd, member - 1);
            } else if (!read_some(fd, peers_[fd])) {
                ::close(fd);
                peers_.erase(fd);
            }
        }
    }
}

void foreign_crowd::accept_one(int listener, std::size_t member) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    peers_[fd].member = member;
    watch(poller_, fd, 0);
}

bool foreign_crowd::read_some(int fd, peer& p) {
    std::array<char, 4096> piece{};
    const auto n = ::recv(fd, piece.data(), piece.size(), 0);
    if (n <= 0) return false;
    p.pending.append(piece.data(), static_cast<std::size_t>(n));
    answer_whole_requests(fd, p);
    return true;
}

void foreign_crowd::answer_whole_requests(int fd, peer& p) {
    for (;;) {
        const auto end = p.pending.find("\r\n\r\n");
        if (end == std::string::npos) return;
        const auto at = p.pending.find("Content-Length: ");
        const auto length = at < end ? std::strtoul(p.pending.c_str() + at + 16, nullptr, 10) : 0;
        if (p.pending.size() < end + 4 + length) return;
        if (p.pending.starts_with("POST ")) {
            const std::lock_guard lock(mutex_);
            notes_.push_back({p.member, std::chrono::steady_clock::now(), p.pending.substr(end + 4, length)});
        }
        p.pending.erase(0, end + 4 + length);
        static_cast<void>(::send(fd, ok.data(), ok.size(), MSG_NOSIGNAL));
    }
}

}  // namespace distd::test
