#include "support/raw_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace distd::test {

raw_peer::raw_peer(std::uint16_t port, std::function<void()> pump, const std::string& source, int kept_unread)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), pump_(std::move(pump)) {
    if (kept_unread > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kept_unread, sizeof kept_unread);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (::inet_pton(AF_INET, source.c_str(), &from.sin_addr) != 1 ||
        ::bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
        throw connect_refused("cannot connect from " + source);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        ::close(fd_);
        throw connect_refused("cannot connect to port " + std::to_string(port));
    }
    if (!is_tls_port(port)) return;
    tls_ = std::make_unique<tls_peer>(tls_wish{.server_name = "localhost"});
    static_cast<void>(shake_hands());
}

raw_peer::~raw_peer() {
    if (fd_ >= 0) ::close(fd_);
}

void raw_peer::pump() const {
    if (pump_) pump_();
}

bool raw_peer::send(std::string_view bytes) {
    if (!tls_) return send_bytes(bytes);
    if (!shake_hands()) return false;
    tls_->say(bytes);
    return send_bytes(tls_->give());
}

// False: the other side does not want to.
bool raw_peer::shake_hands() {
    while (!tls_->is_open() && !tls_->has_failed()) {
        if (!send_bytes(tls_->give())) return false;
        wait_for_bytes();
        if (receive(0) <= 0) return false;
    }
    return send_bytes(tls_->give()) && tls_->is_open();
}

bool raw_peer::send_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | (pump_ ? MSG_DONTWAIT : 0));
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            pump();
            continue;
        }
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
        pump();
    }
    return true;
}

void raw_peer::finish_sending() {
    if (tls_ && shake_hands()) {
        tls_->say_goodbye();
        static_cast<void>(send_bytes(tls_->give()));
    }
    ::shutdown(fd_, SHUT_WR);
    pump();
}

void raw_peer::say_goodbye_only() {
    tls_->say_goodbye();
    static_cast<void>(send_bytes(tls_->give()));
}

void raw_peer::send_last(std::string_view bytes) {
    std::string sealed;
    if (tls_ && shake_hands()) {
        tls_->say(bytes);
        tls_->say_goodbye();
        sealed = tls_->give();
        bytes = sealed;
    }
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("the socket took too little");
    ::shutdown(fd_, SHUT_WR);
    pump();
}

void raw_peer::reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(fd_);
    fd_ = -1;
    pump();
}

bool raw_peer::is_silent() {
    pump();
    if (tls_) {
        while (!has_ended_ && receive(MSG_DONTWAIT) > 0) {}
        return ahead_.empty() && !has_ended_;
    }
    char byte = 0;
    const auto n = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void raw_peer::wait_for_bytes() {
    const auto guard = std::chrono::steady_clock::now() + guard_;
    for (pollfd ready{fd_, POLLIN, 0}; ::poll(&ready, 1, pump_ ? 1 : 100) <= 0; pump())
        if (std::chrono::steady_clock::now() > guard) throw std::runtime_error("no answer within the guard");
}

// How many bytes came; their text goes to `ahead_`.
long raw_peer::receive(int flags) {
    std::array<char, 65536> piece{};
    const auto n = ::recv(fd_, piece.data(), piece.size(), flags);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return -1;
    was_reset_ = was_reset_ || (n < 0 && errno == ECONNRESET);
    has_ended_ = n <= 0;
    if (n <= 0) return n;
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(n));
    if (!tls_) {
        ahead_ += bytes;
        return n;
    }
    tls_->take(bytes);
    ahead_ += tls_->heard();
    return n;
}

std::string raw_peer::read_some() {
    while (ahead_.empty() && !has_ended_) {
        wait_for_bytes();
        static_cast<void>(receive(0));
        if (!tls_) continue;
        static_cast<void>(send_bytes(tls_->give()));
        has_ended_ = has_ended_ || tls_->was_told_goodbye() || tls_->has_failed();
    }
    return std::exchange(ahead_, {});
}

std::string raw_peer::read_until_close() {
    std::string all;
    for (auto piece = read_some(); !piece.empty(); piece = read_some()) all += piece;
    return all;
}

std::string raw_peer::read_answer() {
    std::string all;
    for (;;) {
        const auto end = all.find("\r\n\r\n");
        if (end != std::string::npos) {
            const auto at = all.find("Content-Length: ");
            const auto length = at < end ? std::strtoul(all.c_str() + at + 16, nullptr, 10) : 0;
            if (all.size() >= end + 4 + length) {
                ahead_ = all.substr(end + 4 + length);
                return all.substr(0, end + 4 + length);
            }
        }
        const auto piece = read_some();
        if (piece.empty()) return all;
        all += piece;
    }
}

}  // namespace distd::test
