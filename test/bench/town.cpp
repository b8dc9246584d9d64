#include "town.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace bench {
namespace {

constexpr unsigned first_address = (127U << 24) + (1U << 16);  // 127.1.0.0
constexpr std::string_view everything_ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

void check(bool worked, const char* what) {
    if (!worked) throw std::system_error(errno, std::generic_category(), what);
}

void watch(int poller, int fd) {
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.fd = fd;
    check(::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) == 0, "epoll_ctl");
}

// The bytes of the first request in `text`; 0 when it is not whole.
std::size_t request_size(std::string_view text) {
    const auto head = text.find("\r\n\r\n");
    if (head == text.npos) return 0;
    constexpr std::string_view name = "\r\nContent-Length: ";
    std::size_t body = 0;
    if (const auto at = text.find(name); at < head)
        std::from_chars(text.data() + at + name.size(), text.data() + head, body);
    return text.size() >= head + 4 + body ? head + 4 + body : 0;
}

}  // namespace

town::town(std::size_t members) : heard_(members) {
    poller_ = ::epoll_create1(EPOLL_CLOEXEC);
    stopper_ = ::eventfd(0, EFD_CLOEXEC);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    check(poller_ >= 0 && stopper_ >= 0 && listener_ >= 0, "socket");
    // One listener has every address of the loopback network, and no other machine's connections.
    check(::setsockopt(listener_, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) == 0, "SO_BINDTODEVICE");
    sockaddr_in at{};
    at.sin_family = AF_INET;
    check(::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0, "bind");
    check(::listen(listener_, 4096) == 0, "listen");
    socklen_t length = sizeof at;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &length);
    port_ = ntohs(at.sin_port);
    watch(poller_, stopper_);
    watch(poller_, listener_);
    thread_ = std::thread([this] { serve(); });
}

town::~town() {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(stopper_, &one, sizeof one));
    thread_.join();
    for (const auto& [fd, c] : callers_) ::close(fd);
    for (const int fd : {listener_, stopper_, poller_}) ::close(fd);
}

std::string town::url(std::size_t member) const {
    const in_addr a{htonl(first_address + static_cast<unsigned>(member))};
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &a, text.data(), text.size());
    return std::string("http://") + text.data() + ":" + std::to_string(port_);
}

void town::expect(std::string words) {
    const std::lock_guard lock(mutex_);
    heard_.assign(heard_.size(), false);
    missing_ = heard_.size();
    words_ = std::move(words);
}

town::clock::time_point town::wait_for_all(clock::time_point limit) {
    std::unique_lock lock(mutex_);
    if (!everyone_heard_.wait_until(lock, limit, [this] { return missing_ == 0; }))
        throw std::runtime_error(std::to_string(missing_) + " of " + std::to_string(heard_.size()) +
                                 " did not hear of it in time");
    words_.clear();
    return last_;
}

void town::serve() {
    std::array<epoll_event, 256> events{};
    for (;;) {
        const int n = ::epoll_wait(poller_, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < n; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == stopper_) return;
            fd == listener_ ? take_callers() : read_from(fd);
        }
    }
}

void town::take_callers() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in at{};
        socklen_t length = sizeof at;
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &length);
        callers_[fd].member = ntohl(at.sin_addr.s_addr) - first_address;
        watch(poller_, fd);
    }
}

void town::read_from(int fd) {
    const auto n = ::recv(fd, input_.data(), input_.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    auto& from = callers_[fd];
    if (n <= 0) {
        ::close(fd);
        callers_.erase(fd);
        return;
    }
    std::string_view text(input_.data(), static_cast<std::size_t>(n));
    if (!from.unread.empty()) text = from.unread.append(text);
    const auto used = answer(from, text);
    from.unread = std::string(text.substr(used));
    if (!answers_.empty()) static_cast<void>(!::send(fd, answers_.data(), answers_.size(), MSG_NOSIGNAL));
}

std::size_t town::answer(const caller& from, std::string_view text) {
    answers_.clear();
    std::size_t used = 0;
    while (const auto size = request_size(text.substr(used))) {
        const auto request = text.substr(used, size);
        if (request.starts_with("POST")) hear(from.member, request);
        answers_ += everything_ok;
        ++answered_;
        used += size;
    }
    return used;
}

void town::hear(std::size_t member, std::string_view request) {
    const std::lock_guard lock(mutex_);
    if (words_.empty() || member >= heard_.size() || heard_[member]) return;
    if (request.find(words_) == request.npos) return;
    heard_[member] = true;
    if (--missing_ != 0) return;
    last_ = clock::now();
    everyone_heard_.notify_one();
}

}  // namespace bench
