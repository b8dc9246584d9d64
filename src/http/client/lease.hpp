// A connection to a target for one exchange: a slot among the calls to that target, in it a kept connection
// or a new one (name looked up, addresses filtered, connected), and the deadline that ends all of it. Whoever
// destroys it lets go of everything: the connection is closed unless it was given back, and the slot goes to
// the next in the queue.
#pragma once

#include <distd/result.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "http/client/call_target.hpp"
#include "http/client/client_core.hpp"

namespace distd::http {

class lease final : private client_core::deadline {
public:
    using failure = std::optional<errc>;  // nothing: it went well
    using completion = std::function<void(failure)>;
    struct options {
        milliseconds connect_within;  // over it: unreachable, as nothing was sent and others may be tried
        steady_point due;             // of what comes after: timed_out
        bool may_be_kept = true;
        connection_owner* owner = nullptr;
    };

    // `on_end` is called when the deadline or a stop of the client ends the exchange. While a connection is
    // being acquired, the completion of that is called instead.
    explicit lease(std::shared_ptr<client_core> core, std::function<void()> on_end = {});
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    ~lease() { release(); }

    // From now on everything ends with `why` at `due`; a later call moves the deadline.
    void end_at(steady_point due, errc why) { core_->watch(*this, due, why); }
    using client_core::deadline::outcome;

    // A kept connection that looks alive, if one can be had without waiting. If not, a place in the queue is
    // taken all the same, and `acquire` goes on from there.
    [[nodiscard]] bool take_kept(const call_target& to, connection_owner* owner = nullptr);
    // A connection; called again, another one in the same slot. `on_done` is called on the loop, never before
    // this returns, and not any more once the lease is released. `to` must live until then.
    void acquire(const call_target& to, const options&, completion on_done);
    // The same for a coroutine. When that is cancelled, nothing is acquired any more.
    [[nodiscard]] task<failure> acquire(const call_target& to, options);

    [[nodiscard]] bool is_reused() const noexcept { return is_reused_; }  // was kept by an earlier exchange
    [[nodiscard]] bool is_queued() const noexcept { return slot_.is_entered() && !slot_.is_granted(); }
    [[nodiscard]] stream_socket& socket() noexcept { return connection_->socket; }
    // Whether the socket was just now found empty and the loop has had no turn since: see edge_wait.hpp. What
    // is waited for meanwhile changes that.
    [[nodiscard]] bool take_known_empty() noexcept { return std::exchange(is_known_empty_, false); }

    // Sends of both, head first, what goes without waiting, and takes it off their fronts. How it ended, or
    // nothing: the rest has to wait for room.
    [[nodiscard]] std::optional<failure> send_now(std::string_view& head, std::string_view& body);
    // Bytes of head and body together, over this connection.
    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }
    // What has come; it lies in a buffer that all connections share. Errors as of `read_now`.
    [[nodiscard]] std::string_view receive_now(boost::system::error_code&);
    // Whether what it brought was all.
    [[nodiscard]] bool is_drained(std::string_view received) const noexcept;

    // The rest of the request is not sent any more.
    void cut_short() noexcept { is_cut_short_ = true; }
    [[nodiscard]] bool is_cut_short() const noexcept { return is_cut_short_; }

    // Why a wait on the socket ended early, if it did. Throws operation_aborted when neither the deadline nor
    // a stop was the reason: the coroutine that waited was cancelled.
    [[nodiscard]] failure interruption(const boost::system::error_code& ec) const;

    // From now on the connection is of use to `owner` only.
    void make_own(connection_owner* owner) noexcept { connection_->owned_by = owner; }
    // For a stream or tunnel: the slot goes to the next in the queue.
    void uncount() { slot_.uncount(); }
    // The exchange is over. The connection is kept for a later one if it may be used again, else closed.
    void settle(bool is_usable);
    // Lets go of everything at once.
    void release();

private:
    struct acquisition;

    void ended() override;
    [[nodiscard]] bool enter(const call_target& to);
    void granted();
    [[nodiscard]] bool take_idle(connection_owner* owner);
    void use(std::unique_ptr<client_pool::connection> c, bool is_reused) noexcept;
    void cancel_acquisition() noexcept;

    std::shared_ptr<client_core> core_;
    std::function<void()> on_end_;
    client_pool::slot slot_;
    std::unique_ptr<client_pool::connection> connection_;
    std::shared_ptr<acquisition> acquisition_;  // while one is under way
    std::size_t sent_ = 0;
    bool is_reused_ = false;
    bool is_known_empty_ = false;
    bool is_cut_short_ = false;  // the request was not taken whole
};

}  // namespace distd::http
