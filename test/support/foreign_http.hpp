// HTTP/1.1 as a small program of another make speaks it: blocking sockets, a thread for each connection,
// keep-alive, plain text errors. Nothing here comes from our own server or client, so that both are met by a
// stranger.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace distd::test {

struct foreign_request {
    std::string method;
    std::string target;
    std::string content_type;
    std::string body;
};

struct foreign_answer {
    int status = 0;  // of a call: 0 when nobody answered
    std::string body{};
    std::string content_type = "text/plain; charset=utf-8";
    bool chunked = false;          // as net/http sends a longer body
    std::function<void()> then{};  // called when it has been sent
};

class foreign_server {
public:
    // Called in a thread of its connection, several at a time. Nothing: accept and never answer.
    using handler = std::function<std::optional<foreign_answer>(const foreign_request&)>;

    explicit foreign_server(handler h) : handler_(std::move(h)) {}
    ~foreign_server() { stop(); }
    foreign_server(const foreign_server&) = delete;
    foreign_server& operator=(const foreign_server&) = delete;

    void start(std::uint16_t port = 0);  // 0: any free one; kept for the next start
    void stop();              // at once, like a process that is killed; connections are refused then
    void drop_connections();  // ends those that are open, and goes on
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    struct connection {
        int fd = -1;
        std::thread thread{};
        std::atomic<bool> ended = false;
    };

    void accept_all();
    void serve(connection& c);
    void drop_ended();

    handler handler_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::thread acceptor_;
    std::mutex mutex_;
    std::list<connection> connections_;
};

// Requests from any thread, each over a connection of its own.
class foreign_caller {
public:
    // Resolves the host's name. Status 0: refused, broken off, silent for ten seconds, or called off by
    // `close`.
    [[nodiscard]] foreign_answer call(const std::string& method, const std::string& url,
                                      const std::string& body = {},
                                      const std::string& content_type = "application/json");
    // Ends the calls that wait, and refuses more.
    void close();
    // Waits at most that long; returns early when closed.
    void pause(int milliseconds);
    [[nodiscard]] bool closed() const;

private:
    [[nodiscard]] int open(const std::string& host, const std::string& port);
    void release(int fd);

    mutable std::mutex mutex_;
    std::condition_variable closing_;
    std::set<int> open_;
    bool closed_ = false;
};

// http://HOST:PORT/path in its parts; "http://" may be missing.
struct foreign_url {
    explicit foreign_url(std::string text);
    std::string host;
    std::string port = "80";
    std::string target = "/";
};

}  // namespace distd::test
