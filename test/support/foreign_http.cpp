#include "support/foreign_http.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "http/message/chunked.hpp"

namespace distd::test {
namespace {

constexpr int call_patience_seconds = 10;

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 503: return "Service Unavailable";
        default: return "Internal Server Error";
    }
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

// The bytes of one connection as messages, read one after the other.
class reader {
public:
    explicit reader(int fd) : fd_(fd) {}

    // First line and header fields up to the empty line; "" at the end of the connection.
    std::string head() {
        for (;;) {
            const auto end = pending_.find("\r\n\r\n");
            if (end != std::string::npos) return take(end + 4);
            if (!fill()) return {};
        }
    }

    std::string body(const std::string& of) {
        if (lower(field(of, "transfer-encoding")) == "chunked") return chunks();
        const auto length =
            static_cast<std::size_t>(std::strtoull(field(of, "content-length").c_str(), nullptr, 10));
        while (pending_.size() < length)
            if (!fill()) break;
        return take(std::min(length, pending_.size()));
    }

    static std::string field(const std::string& head, const std::string& name) {
        const auto at = lower(head).find("\r\n" + name + ":");
        if (at == std::string::npos) return {};
        auto from = at + 2 + name.size() + 1;
        while (head[from] == ' ') ++from;
        return head.substr(from, head.find("\r\n", from) - from);
    }

private:
    std::string take(std::size_t length) {
        auto piece = pending_.substr(0, length);
        pending_.erase(0, length);
        return piece;
    }

    std::string chunks() {
        using state = http::chunked_decoder::state;
        http::chunked_decoder decoder;
        std::string whole;
        for (;;) {
            const auto step = decoder.feed(pending_);
            whole += step.piece;
            pending_.erase(0, step.consumed);
            if (step.now != state::need_more || (pending_.empty() && !fill())) return whole;
        }
    }

    bool fill() {
        std::array<char, 16384> piece{};
        const auto n = ::recv(fd_, piece.data(), piece.size(), 0);
        if (n > 0) pending_.append(piece.data(), static_cast<std::size_t>(n));
        return n > 0;
    }

    int fd_;
    std::string pending_;
};

foreign_request request_from(reader& in, const std::string& head) {
    foreign_request q;
    const auto first = head.find(' ');
    q.method = head.substr(0, first);
    q.target = head.substr(first + 1, head.find(' ', first + 1) - first - 1);
    q.content_type = reader::field(head, "content-type");
    q.body = in.body(head);
    return q;
}

std::string text_of(const foreign_answer& a) {
    std::string text =
        "HTTP/1.1 " + std::to_string(a.status) + " " + std::string(reason_of(a.status)) + "\r\n";
    if (!a.body.empty()) text += "Content-Type: " + a.content_type + "\r\n";
    text += "Date: Mon, 02 Jan 2006 15:04:05 GMT\r\n";
    if (!a.chunked) return text + "Content-Length: " + std::to_string(a.body.size()) + "\r\n\r\n" + a.body;
    text += "Transfer-Encoding: chunked\r\n\r\n";
    std::array<char, 24> size{};
    for (std::size_t at = 0; at < a.body.size(); at += 2048) {
        const auto piece = a.body.substr(at, 2048);
        std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
        text += size.data() + piece + "\r\n";
    }
    return text + "0\r\n\r\n";
}

void set_no_delay(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

void foreign_server::start(std::uint16_t port) {
    if (port != 0) port_ = port;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port_);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::listen(listener_, 128) != 0)
        throw std::runtime_error("a foreign peer cannot listen on port " + std::to_string(port_));
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &length);
    port_ = ntohs(at.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

void foreign_server::stop() {
    if (listener_ < 0) return;
    ::shutdown(listener_, SHUT_RDWR);  // wakes the acceptor
    acceptor_.join();
    ::close(std::exchange(listener_, -1));
    for (auto& c : connections_) ::shutdown(c.fd, SHUT_RDWR);
    for (auto& c : connections_) {
        c.thread.join();
        ::close(c.fd);
    }
    connections_.clear();
}

void foreign_server::accept_all() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        set_no_delay(fd);
        const std::lock_guard lock(mutex_);
        drop_ended();
        auto& c = connections_.emplace_back();
        c.fd = fd;
        c.thread = std::thread([this, &c] { serve(c); });
    }
}

void foreign_server::drop_connections() {
    const std::lock_guard lock(mutex_);
    for (auto& c : connections_) ::shutdown(c.fd, SHUT_RDWR);
}

void foreign_server::drop_ended() {
    std::erase_if(connections_, [](connection& c) {
        if (!c.ended) return false;
        c.thread.join();
        ::close(c.fd);
        return true;
    });
}

void foreign_server::serve(connection& c) {
    reader in(c.fd);
    for (auto head = in.head(); !head.empty(); head = in.head()) {
        const auto answer = handler_(request_from(in, head));
        if (!answer) {
            while (!in.head().empty()) continue;  // until the peer gives up
            break;
        }
        const bool sent = send_all(c.fd, text_of(*answer));
        if (answer->then) answer->then();
        if (!sent || lower(reader::field(head, "connection")) == "close") break;
    }
    ::shutdown(c.fd, SHUT_RDWR);
    c.ended = true;
}

foreign_url::foreign_url(std::string text) {
    if (text.starts_with("http://")) text.erase(0, 7);
    const auto slash = text.find('/');
    if (slash != std::string::npos) {
        target = text.substr(slash);
        text.erase(slash);
    }
    const auto colon = text.rfind(':');
    host = text.substr(0, colon);
    if (colon != std::string::npos) port = text.substr(colon + 1);
}

int foreign_caller::open(const std::string& host, const std::string& port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0) return -1;
    int connected = -1;
    for (const auto* a = found; a && connected < 0; a = a->ai_next) {
        const int fd = ::socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) continue;
        const timeval patience{call_patience_seconds, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        set_no_delay(fd);
        if (::connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            connected = fd;
        else
            ::close(fd);
    }
    ::freeaddrinfo(found);
    return connected;
}

foreign_answer foreign_caller::call(const std::string& method, const std::string& url,
                                    const std::string& body, const std::string& content_type) {
    const foreign_url to(url);
    const int fd = open(to.host, to.port);
    if (fd < 0) return {};
    {
        const std::lock_guard lock(mutex_);
        open_.insert(fd);
        if (closed_) ::shutdown(fd, SHUT_RDWR);
    }
    std::string request = method + " " + to.target + " HTTP/1.1\r\nHost: " + to.host + ":" + to.port +
                          "\r\nUser-Agent: Go-http-client/1.1\r\n";
    if (!body.empty() || method == "POST")
        request +=
            "Content-Length: " + std::to_string(body.size()) + "\r\nContent-Type: " + content_type + "\r\n";
    foreign_answer answer;
    reader in(fd);
    if (send_all(fd, request + "\r\n" + body)) {
        const auto head = in.head();
        if (head.size() > 12) answer.status = std::atoi(head.c_str() + 9);
        answer.content_type = reader::field(head, "content-type");
        if (!head.empty()) answer.body = in.body(head);
    }
    release(fd);
    return answer;
}

void foreign_caller::release(int fd) {
    const std::lock_guard lock(mutex_);
    open_.erase(fd);
    ::close(fd);
}

void foreign_caller::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    closing_.notify_all();
}

void foreign_caller::pause(int milliseconds) {
    std::unique_lock lock(mutex_);
    closing_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return closed_; });
}

bool foreign_caller::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

}  // namespace distd::test
