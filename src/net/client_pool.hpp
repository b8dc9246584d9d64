// Who may talk to which target, and over which connection. Per target: a bound on calls under way, a queue in
// order of arrival behind it (bounded as well), and a stack of idle connections, the one used last on top. No
// coroutines and no HTTP in here. Targets exist as long as somebody uses, awaits or idles at them.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>
#include <deque>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace distd::http {

struct client_setup;

using client_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;

struct client_connection {
    explicit client_connection(executor ex) : socket(ex) {}
    client_socket socket;
    steady_point idle_until;
};

class client_pool {
    struct target;

public:
    // The right to use one connection to a target, or the wait for it. Given up by the destructor, wherever
    // it stands.
    class place : public boost::intrusive::list_base_hook<> {
    public:
        place() = default;
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place();

        [[nodiscard]] bool is_granted() const noexcept { return granted_; }

    private:
        friend class client_pool;
        client_pool* pool_ = nullptr;
        target* target_ = nullptr;
        std::function<void()> on_grant_;
        bool granted_ = false;
    };

    explicit client_pool(const client_setup& setup) : setup_(setup) {}
    client_pool(const client_pool&) = delete;
    client_pool& operator=(const client_pool&) = delete;

    // Grants the place at once or queues it, in which case `on_grant` tells later. False: the queue is full.
    [[nodiscard]] bool enter(std::string_view host, std::uint16_t port, place& p,
                             std::function<void()> on_grant);

    // An idle connection that still looks alive, or none.
    [[nodiscard]] std::unique_ptr<client_connection> take_idle(place& p);
    void give_back(place& p, std::unique_ptr<client_connection> c, steady_point now);

    // Closes what has idled too long; the time when the next one will have.
    steady_point close_idle(steady_point now);
    void close_all_idle();
    [[nodiscard]] std::size_t idle_connections() const noexcept { return idle_count_; }

private:
    struct target {
        std::string key;
        std::size_t in_use = 0;
        std::deque<std::unique_ptr<client_connection>> idle;  // the oldest in front
        boost::intrusive::list<place> waiting;
    };

    void leave(place& p);
    void forget_if_unused(const target& t);
    void drop_oldest(target& t);

    const client_setup& setup_;
    std::unordered_map<std::string, target> targets_;
    std::size_t idle_count_ = 0;
};

// Nothing to read and not closed. On an idle connection any readable state disqualifies: a close, an error,
// and also bytes, which nobody asked for.
[[nodiscard]] bool is_quiet(client_socket& socket) noexcept;

}  // namespace distd::http
