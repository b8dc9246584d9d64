// Who may talk to which target, and over which connection. Per target: a bound on calls under way, a queue in
// order of arrival behind it (bounded as well), and a stack of idle connections, the one used last on top. Of
// all idle connections together there is a bound, too: over it the one idle longest goes, or the newest. No
// coroutines and no HTTP in here. Targets exist as long as somebody uses, awaits or idles at them, and cost
// what their connections do: there may be tens of thousands.
#pragma once

#include <boost/intrusive/list.hpp>
#include <distd/result.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/client/client_setup.hpp"
#include "http/transport/stream_socket.hpp"

namespace distd::http {

using client_socket = stream_socket;

struct client_target;
class connection_owner;

// Stands in the pool's line of idle connections while it idles.
struct client_connection : boost::intrusive::list_base_hook<> {
    explicit client_connection(executor ex) : socket(ex) {}
    client_socket socket;
    steady_point idle_until;
    client_target* idles_at = nullptr;
    connection_owner* owned_by = nullptr;  // null: whoever asks next may have it
};

class client_pool {
public:
    // The right to use one connection to a target, or the wait for it. Given up by the destructor, wherever
    // it stands.
    class place : public boost::intrusive::list_base_hook<> {
    public:
        place() = default;
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place();

        [[nodiscard]] bool is_entered() const noexcept { return pool_ != nullptr; }  // granted or in line
        [[nodiscard]] bool is_granted() const noexcept { return granted_; }
        // What it was granted for goes on for ever: whoever waits in line is let in instead, and its bound is
        // somebody else's business.
        void leave_line();

    private:
        friend class client_pool;
        client_pool* pool_ = nullptr;
        client_target* target_ = nullptr;
        std::function<void()> on_grant_;
        bool granted_ = false;
        bool is_beside_ = false;  // granted, and not counted any more
    };

    // A target that is called again and again: looked up once, and kept while somebody holds this. The pool
    // must outlive it.
    class regular {
    public:
        regular(client_pool&, std::string_view host, std::uint16_t port);
        regular(const regular&) = delete;
        regular& operator=(const regular&) = delete;
        ~regular();

    private:
        friend class client_pool;
        client_pool& pool_;
        client_target& target_;
    };

    explicit client_pool(const client_setup& setup) : setup_(setup) {}
    client_pool(const client_pool&) = delete;
    client_pool& operator=(const client_pool&) = delete;
    ~client_pool();

    // Grants the place at once or queues it, in which case `on_grant` tells later. False: the queue is full.
    [[nodiscard]] bool enter(std::string_view host, std::uint16_t port, place& p,
                             std::function<void()> on_grant);

    [[nodiscard]] bool enter(const regular&, place& p, std::function<void()> on_grant);

    // An idle connection that still looks alive, or none: one that `who` owns before one that nobody does.
    [[nodiscard]] std::unique_ptr<client_connection> take_idle(place& p, connection_owner* who = nullptr);
    void give_back(place& p, std::unique_ptr<client_connection> c, steady_point now);

    // Opens a socket that does not block. Where descriptors are short, up to so many idle connections are
    // closed for it, oldest first; errc::overloaded when that was not enough.
    [[nodiscard]] std::optional<errc> open(client_socket&, const boost::asio::ip::tcp& protocol,
                                           std::size_t max_closed);
    // Closes what has idled too long; the time when the next one will have.
    steady_point close_idle(steady_point now);
    void close_all_idle();
    void close_oldest(std::size_t how_many);
    [[nodiscard]] std::size_t idle_connections() const noexcept { return by_age_.size(); }

private:
    [[nodiscard]] client_target& find_or_add(std::string_view host, std::uint16_t port);
    [[nodiscard]] bool enter(client_target&, place& p, std::function<void()> on_grant);
    void leave(place& p);
    void let_next_in(client_target& t);
    void forget_if_unused(const client_target& t);
    [[nodiscard]] std::unique_ptr<client_connection> release(client_connection& c);
    [[nodiscard]] std::unique_ptr<client_connection> take_owned(const client_target& t,
                                                                connection_owner& who);
    void close_oldest_owned(const client_target& t);
    friend class connection_owner;

    const client_setup& setup_;
    std::unordered_map<std::string, client_target> targets_;
    boost::intrusive::list<client_connection> by_age_;  // idle ones, the oldest in front
};

// Somebody who has connections to himself until he is gone; then they are closed. An instance that does not
// read a request's body takes it for the next request, and answers that, too: so a connection that a body
// went over is of use only to whoever sent that body. The pool must outlive it.
class connection_owner {
public:
    explicit connection_owner(client_pool& pool) noexcept : pool_(pool) {}
    connection_owner(const connection_owner&) = delete;
    connection_owner& operator=(const connection_owner&) = delete;
    ~connection_owner();

private:
    friend class client_pool;
    client_pool& pool_;
    std::vector<std::unique_ptr<client_connection>> idle_;  // at any target
};

struct client_target {
    const std::string* key = nullptr;  // in the pool's map
    std::size_t in_use = 0;
    std::size_t beside = 0;  // in use, and not counted as such
    std::size_t regulars = 0;
    std::vector<std::unique_ptr<client_connection>> idle;  // nobody's, the oldest in front
    std::size_t owned = 0;                                 // idle ones that somebody has to himself
    boost::intrusive::list<client_pool::place> waiting;
};

}  // namespace distd::http
