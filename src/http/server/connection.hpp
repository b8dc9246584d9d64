// One connection of a server: reads requests, has them handled, writes responses. The server's list owns it.
//
//     connection.cpp          checks, routes and responds: plain functions, none of which waits
//     connection_io.cpp       what waits: reads, handlers' coroutines, deferred responses, the end
//     connection_send.cpp     waiting for clients to take what response_sender.hpp has for them; relayed
//     answers connection_body.cpp     reading a request's body; its rules are in request_body.hpp
//     connection_reclaim.cpp  taking places and memory, and giving them back when others find none
//
// The plain functions return a `step`: what has to be done next. `go_on` does it, and starts a coroutine
// (`serve_burst`) only for a step that waits; that ends once no further request is here. There is no timer:
// the server's sweep looks at `deadline_` once a second, sets `expired_` and cancels the operation on the
// socket, and whoever awaited that finds the flag.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <optional>
#include <string>

#include "http/server/connection_block.hpp"
#include "http/server/ending.hpp"
#include "http/server/idle_watch.hpp"
#include "http/server/server_core.hpp"

namespace distd::http {

inline constexpr const char* other_body = "The body is not the one that the proof was made for.";

class connection;

// What a session of TLS takes while no request is under way on it, as something that holds memory. Without
// TLS that is not worth having.
struct idle_session final : reclaimable {
    [[nodiscard]] steady_point last_use() const noexcept override;
    bool give_back() override;

    connection* of = nullptr;
};

class connection final : private exchange_io, private reclaimable {
public:
    // What a connection holds of both shares while it exists.
    struct holds {
        source_shares::hold place;
        source_shares::hold memory;
    };
    // Fills it, also with what others give back. Where that cannot be had: the text of the answer to a client
    // that is not let in.
    [[nodiscard]] static std::string reserve(server_core&, std::string_view remote, bool is_encrypted,
                                             holds& h);

    // Of no use before `start`.
    connection(server_core& core, stream_socket socket, std::string remote, holds h);
    ~connection();

    // `place` is its own, in the server's list, which it leaves when it is over.
    void start(connection_list::iterator place);

    void sweep(steady_point now);  // once a second
    void drain();  // ends it when nothing is owed to the client; else its next response closes it
    void end();    // ends it where it is; it may be destroyed on return

private:
    friend struct idle_session;
    friend struct unfinished_request;
    friend struct unread_answer;

    enum class step {
        need_bytes,  // the head at hand is not complete
        need_body,   // a route wants the whole body, and it is not here yet
        run,         // a handler's coroutine
        stream,      // the answer's body is made while it is sent
        go_on,       // answered: look at the next request
        flush,       // much to send, or a body that is sent from where it lies
        close,       // send what there is, then close
        linger,      // the same, but the peer may still be sending
        defer,       // answered later, by a callback
    };

    [[nodiscard]] step advance();
    [[nodiscard]] step begin_request();
    [[nodiscard]] bool take_body_in_buffer();
    void move_to_front();
    [[nodiscard]] step dispatch();
    [[nodiscard]] step proceed(handler_result&&);
    [[nodiscard]] step answer_early(response&& r);
    [[nodiscard]] step finish(response&& r);
    [[nodiscard]] step after_answer();
    [[nodiscard]] step refuse(const refusal& why);
    void begin_refusal();
    [[nodiscard]] response failed(const exchange& x, std::string_view what);
    void record(int status, std::uint64_t sent_bytes) { record(block_->x, status, sent_bytes); }
    void record(const exchange& x, int status, std::uint64_t sent_bytes);
    void record_unanswered();

    // Idle: one pending callback and no coroutine.
    void wait_for_request();
    void wait_for_bytes_of_request();
    [[nodiscard]] bool is_refused_as_plain();
    void on_readable(const boost::system::error_code& ec);
    void go_on(step next);
    void begin_to_wait();
    void set_aside();
    void answer_deferred(response) override;
    void handle_deferred(const handler&) override;
    [[nodiscard]] response failure(std::string_view what) override;
    [[nodiscard]] fields end_wait();
    void go_on_after(step answered);
    void take_back();
    void finish_connection() noexcept;
    void drop_pending_answer();
    [[nodiscard]] task<bool> serve_burst(step next);
    [[nodiscard]] task<step> read_whole_body();
    [[nodiscard]] task<step> run_handler();
    [[nodiscard]] task<step> send_stream();
    [[nodiscard]] task<bool> flush();
    [[nodiscard]] task<> linger();
    [[nodiscard]] bool is_called(std::string_view authority) const override;
    [[nodiscard]] task<result<std::string_view>> read_body_piece() override;
    void stop_reading() override;
    [[nodiscard]] task<result<>> write_body_piece(body_piece piece) override;
    [[nodiscard]] bool count_held(std::size_t bytes) override;
    [[nodiscard]] source_shares::verdict make_room_for(const response& r);
    void cut_off(const char* reason) noexcept;
    [[nodiscard]] std::string_view date() const noexcept override { return core_.date; }
    void begin_relay(int status, std::string_view lines, bool has_body,
                     std::optional<std::uint64_t> length) override;
    void relay(std::string_view piece) override;
    [[nodiscard]] bool relay_now() override { return write_now(); }
    [[nodiscard]] task<bool> relay_sent() override { return flush(); }
    void watch_client() override { watch_ = client_watch::by_sweep; }
    void end_at_drain() override;
    void unwatch_client() override { watch_ = client_watch::none; }
    [[nodiscard]] stream_socket& socket() override { return socket_; }
    [[nodiscard]] std::string take_ahead() override;
    [[nodiscard]] std::shared_ptr<void>& belongings() override { return belongings_; }
    [[nodiscard]] step end_relay();
    void end_body(bool is_whole);    // of one that came piece by piece
    void close_by_reset() noexcept;  // the close to come: where an orderly one would look like the body's end
    [[nodiscard]] result<std::string_view> take_body_piece();
    [[nodiscard]] std::uint64_t bytes_when_idle() const noexcept;
    [[nodiscard]] std::uint64_t bytes_in_use() const noexcept;
    // So much of it in all, as far as it may, also of what others give back.
    [[nodiscard]] source_shares::verdict claim_memory(std::uint64_t bytes);
    // All that it uses now.
    [[nodiscard]] source_shares::verdict take_memory() { return claim_memory(bytes_in_use()); }
    [[nodiscard]] source_shares::verdict make_room_for(std::string_view piece);  // in the body

    // What it holds is offered to others while it is idle, its request arrives or is parked, or its answer
    // is not read.
    void offer_idle();
    void offer_unfinished();
    void withdraw_unfinished() noexcept;
    void withdraw_idle() noexcept;
    void offer_parked();
    void offer_unread();
    void withdraw_unread() noexcept;
    void give_up_unread(const char* reason);
    void abandon(const char* reason);
    [[nodiscard]] step give_way();
    [[nodiscard]] bool waits_for_request() const noexcept;
    [[nodiscard]] steady_point last_use() const noexcept override;
    [[nodiscard]] bool give_back() override;  // its place
    [[nodiscard]] bool end_idle(const char* reason);
    void answer_parked_early(const char* reason);

    [[nodiscard]] bool read_ready();  // the non-blocking read after readiness; false: nothing to go on with
    // Sends what goes without waiting; true: that is all.
    [[nodiscard]] bool write_now() { return block_->sender.write_now(socket_, ending_); }
    void release_block();
    void expect(milliseconds span) noexcept { deadline_ = now_ + span; }
    void watch_by_wait();
    void on_client_event(const boost::system::error_code& ec);
    void unwatch_by_wait() noexcept;
    void send_close_notify() noexcept;

    // What there is of it besides its socket: exactly one of these.
    enum class phase : std::uint8_t {
        plain,     // functions only: it waits for a request, or handles one without waiting
        serving,   // a coroutine is at work; it is cancelled by `signal_`
        deferred,  // the holder of the `pending_answer` of `slot_` goes on
        over,      // nothing but, perhaps, the watch over its peer
    };
    enum class body_read : std::uint8_t { none, waiting, unwanted };
    // How it is noticed that a client leaves while nobody reads from its connection.
    enum class client_watch : std::uint8_t {
        none,
        by_wait,   // a wait on the socket reports it at once
        by_sweep,  // within a second: cheaper where requests are many and short
    };

    server_core& core_;
    connection_list::iterator self_;
    source_shares::hold place_;
    source_shares::hold memory_;
    idle_session session_;
    source_shares::hold request_;  // among the requests, or the streams
    std::shared_ptr<void> belongings_;
    stream_socket socket_;
    boost::asio::cancellation_signal signal_;
    std::unique_ptr<connection_block> block_;
    std::unique_ptr<parked_request> parked_;  // instead of `block_`, while `slot_` waits
    std::shared_ptr<answer_slot> slot_;       // while the response is deferred
    std::string remote_;
    steady_point now_;  // as of the last bytes
    steady_point deadline_ = steady_point::max();
    const char* reclaimed_ = nullptr;  // why what it held was given back: a literal
    ending ending_;
    idle_watch idle_;
    client_watch watch_ = client_watch::none;
    bool is_watch_pending_ = false;  // a wait for it is under way, if only one that was cancelled
    phase phase_ = phase::plain;
    body_read body_read_ = body_read::none;
    bool expired_ = false;  // at its deadline, which whatever waits has to look at
    bool is_fresh_ = true;  // nothing was asked yet
    bool keep_alive_ = true;
    bool in_flight_ = false;  // counted as such
    bool ends_at_drain_ = false;
};

}  // namespace distd::http
