// Per-target connection pool: a bound on the calls in flight, a FIFO wait queue behind it (bounded as well),
// and a stack of idle connections, the one used last on top. Of all idle connections together there is a
// bound, too: over it the one idle longest is closed, or the newest. No coroutines and no HTTP in here.
// Targets exist as long as somebody uses, awaits or idles at them, and cost what their connections do: there
// may be tens of thousands.
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

class connection_owner;

class client_pool {
    struct target;

public:
    // Stands in the pool's line of idle connections while it idles.
    struct connection : boost::intrusive::list_base_hook<> {
        explicit connection(executor ex) : socket(ex) {}
        stream_socket socket;
        steady_point idle_until;
        target* idles_at = nullptr;
        connection_owner* owned_by = nullptr;  // null: free for any caller
    };

    // The right to use one connection to a target, or the wait for it.
    class slot : public boost::intrusive::list_base_hook<> {
    public:
        slot() = default;
        slot(const slot&) = delete;
        slot& operator=(const slot&) = delete;
        ~slot() { leave(); }

        [[nodiscard]] bool is_entered() const noexcept { return pool_ != nullptr; }  // granted or queued
        [[nodiscard]] bool is_granted() const noexcept { return granted_; }
        // Gives it up, granted or queued: the first in the queue gets it.
        void leave();
        // Its connection stays in use for as long as it likes (a stream, a tunnel): it counts no more
        // towards the target's bound, and the first in the queue is let in instead.
        void uncount();

    private:
        friend class client_pool;
        client_pool* pool_ = nullptr;
        target* target_ = nullptr;
        std::function<void()> on_grant_;
        bool granted_ = false;
        bool is_uncounted_ = false;  // granted, and not counted any more
    };

    // Keeps a target, looked up once, for as long as it lives. The pool must outlive it.
    class target_ref {
    public:
        // `key`: what leads to the same peer in the same way, and nothing else has.
        target_ref(client_pool&, std::string key);
        target_ref(const target_ref&) = delete;
        target_ref& operator=(const target_ref&) = delete;
        ~target_ref();

    private:
        friend class client_pool;
        client_pool& pool_;
        target& target_;
    };

    explicit client_pool(const client_setup& setup) : setup_(setup) {}
    client_pool(const client_pool&) = delete;
    client_pool& operator=(const client_pool&) = delete;
    ~client_pool();

    // Grants the slot at once or queues it, in which case `on_grant` is called later. False: the queue is
    // full.
    [[nodiscard]] bool enter(const target_ref&, slot& s, std::function<void()> on_grant);

    // An idle connection that still looks alive, or none: one that `who` owns before one that nobody does.
    [[nodiscard]] std::unique_ptr<connection> take_idle(slot& s, connection_owner* who = nullptr);
    void give_back(slot& s, std::unique_ptr<connection> c, steady_point now);

    // Opens a socket that does not block. Where descriptors are short, some idle connections are closed for
    // it, oldest first; errc::overloaded when that was not enough.
    [[nodiscard]] std::optional<errc> open(stream_socket&, const boost::asio::ip::tcp& protocol);
    // Closes what has idled too long; the time when the next one will have.
    steady_point close_idle(steady_point now);
    void close_all_idle();
    void close_oldest(std::size_t how_many);
    [[nodiscard]] std::size_t idle_connections() const noexcept { return by_age_.size(); }

private:
    [[nodiscard]] target& find_or_add(std::string key);
    void grant_next(target& t);
    void forget_if_unused(const target& t);
    [[nodiscard]] std::unique_ptr<connection> release(connection& c);
    [[nodiscard]] std::unique_ptr<connection> take_owned(const target& t, connection_owner& who);
    void close_oldest_owned(const target& t);
    friend class connection_owner;

    const client_setup& setup_;
    std::unordered_map<std::string, target> targets_;
    boost::intrusive::list<connection> by_age_;  // idle ones, the oldest in front
};

// Has connections to itself until it is destroyed; then they are closed. A server that does not read a
// request's body takes it for the next request, and answers that, too (request smuggling): so a connection
// that a body went over is reused only for the client that sent that body. The pool must outlive it.
class connection_owner {
public:
    explicit connection_owner(client_pool& pool) noexcept : pool_(pool) {}
    connection_owner(const connection_owner&) = delete;
    connection_owner& operator=(const connection_owner&) = delete;
    ~connection_owner();

private:
    friend class client_pool;
    client_pool& pool_;
    std::vector<std::unique_ptr<client_pool::connection>> idle_;  // at any target
};

struct client_pool::target {
    const std::string* key = nullptr;  // in the pool's map
    std::size_t in_use = 0;
    std::size_t uncounted = 0;                      // granted slots beyond those
    std::size_t references = 0;                     // target_refs
    std::vector<std::unique_ptr<connection>> idle;  // without an owner, the oldest in front
    std::size_t owned = 0;                          // idle ones that somebody has to himself
    boost::intrusive::list<slot> waiting;
};

}  // namespace distd::http
