// One connection of a server: reads requests, has them handled, writes responses. The server's list owns it.
//
//     connection.cpp           routes requests and responds: plain functions, none of which waits
//     connection_io.cpp        waits: for requests, and for the coroutines of handlers
//     connection_deferred.cpp  waits for a response that is given later, without a coroutine
//     connection_body.cpp      reads a request's body
//     connection_send.cpp      sends, and waits until the client has taken it
//     connection_eviction.cpp  gives back what it holds, where others find nothing left
//     connection_end.cpp       deadlines, clients that leave, the drain, the end
//
// What it consists of has classes of its own: the bytes that a client sends (request_input, request_body) and
// those that it gets (response_sender) in the block of buffers that is there while a request is under way;
// what it holds of the server's places and memory (resource_claims); how its next request is waited for
// (idle_watch), and how it ends (ending).
//
// The plain functions return a `step`: what has to be done next. `go_on` does it, and starts a coroutine
// (`serve_burst`) only for a step that waits; that ends once no further request is here. There is no timer:
// the server's sweep looks at `deadline_` once a second, sets `interrupted_` and cancels the operation on the
// socket, and the code that awaited it looks there for the reason.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <optional>
#include <string>

#include "http/server/connection_block.hpp"
#include "http/server/ending.hpp"
#include "http/server/idle_watch.hpp"
#include "http/server/resource_claims.hpp"
#include "http/server/server_core.hpp"

namespace distd::http {

inline constexpr const char* other_body = "The body is not the one that the proof was made for.";

class connection final : private exchange_io, private resource_claims::holder {
public:
    // Of no use before `start`.
    connection(server_core& core, stream_socket socket, std::string remote, resource_claims::holds h);
    ~connection();

    // `place` is its own, in the server's list, which it leaves when it is over.
    void start(connection_list::iterator place);

    void sweep(steady_point now);  // once a second
    void drain();  // ends it when nothing is owed to the client; else its next response closes it
    void end();    // ends it where it is; it may be destroyed on return

private:
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

    // What there is of it besides its socket: exactly one of these.
    enum class phase : std::uint8_t {
        plain,     // functions only: it waits for a request, or handles one without waiting
        serving,   // a coroutine is at work; it is cancelled by `signal_`
        deferred,  // the holder of the `pending_answer` of `slot_` goes on
        over,      // nothing but, perhaps, the watch over its peer
    };
    // A handler's read of its request's body: `unwanted` once the handler has given up while it was waiting.
    enum class body_read : std::uint8_t { none, waiting, unwanted };
    // How it is noticed that a client leaves while nobody reads from its connection.
    enum class client_watch : std::uint8_t {
        none,
        by_wait,   // a wait on the socket reports it at once
        by_sweep,  // within a second: cheaper where requests are many and short
    };
    // Why an operation on the socket ended without what it was for: whoever awaited it looks.
    enum class interruption : std::uint8_t {
        none,
        expired,  // at its deadline
        evicted_for_place,
        evicted_for_memory,
    };

    // ---- connection.cpp: a request, from its head to its answer
    [[nodiscard]] step advance();
    [[nodiscard]] step begin_request();
    [[nodiscard]] step dispatch();
    [[nodiscard]] step proceed(handler_result&&);
    [[nodiscard]] step answer_early(response&& r);
    [[nodiscard]] step refuse(const refusal& why);
    void begin_refusal();
    [[nodiscard]] step finish(response&& r);
    [[nodiscard]] step after_answer();
    [[nodiscard]] response failed(const exchange& x, std::string_view what);
    void record(int status, std::uint64_t sent_bytes) { record(block_->x, status, sent_bytes); }
    void record(const exchange& x, int status, std::uint64_t sent_bytes);
    void record_unanswered();
    void release_block();
    [[nodiscard]] bool is_called(std::string_view authority) const override;
    [[nodiscard]] std::string_view date() const noexcept override { return core_.date; }

    // ---- connection_io.cpp: while it is idle, one pending callback and no coroutine
    void wait_for_request();
    void wait_for_bytes_of_request();
    void on_readable(const boost::system::error_code& ec);
    [[nodiscard]] bool read_ready();  // the non-blocking read after readiness; false: nothing to go on with
    [[nodiscard]] bool is_refused_as_plain();
    void go_on(step next);
    void go_on_after(step answered);
    [[nodiscard]] task<bool> serve_burst(step next);
    [[nodiscard]] task<step> run_handler();
    [[nodiscard]] task<> linger();

    // ---- connection_deferred.cpp
    void begin_deferral();
    void park();
    void answer_deferred(response) override;
    void handle_deferred(const handler&) override;
    [[nodiscard]] response failure(std::string_view what) override;
    [[nodiscard]] fields end_deferral();
    void unpark();

    // ---- connection_body.cpp
    [[nodiscard]] bool take_body_in_buffer();
    [[nodiscard]] result<std::string_view> take_body_piece();
    [[nodiscard]] task<step> read_whole_body();
    [[nodiscard]] task<result<std::string_view>> read_body_piece() override;
    void stop_reading() override;
    [[nodiscard]] source_shares::verdict make_room_for(std::string_view piece);

    // ---- connection_send.cpp
    [[nodiscard]] source_shares::verdict make_room_for(const response& r);
    // Sends what goes without waiting; true: that is all.
    [[nodiscard]] bool write_now() { return block_->sender.write_now(socket_, ending_); }
    [[nodiscard]] task<bool> flush();
    void cut_off(const char* reason) noexcept;
    [[nodiscard]] task<step> send_stream();
    [[nodiscard]] task<result<>> write_body_piece(body_piece piece) override;
    [[nodiscard]] bool count_held(std::size_t bytes) override;
    [[nodiscard]] source_shares::verdict reserve(std::size_t bytes) override;
    void end_reservation() noexcept;
    void begin_relay(int status, std::string_view lines, bool has_body,
                     std::optional<std::uint64_t> length) override;
    void relay(std::string_view piece) override;
    [[nodiscard]] bool relay_now() override { return write_now(); }
    [[nodiscard]] task<bool> relay_sent() override { return flush(); }
    [[nodiscard]] step end_relay();
    void end_body(bool is_whole);  // of a response that came piece by piece
    [[nodiscard]] stream_socket& socket() override { return socket_; }
    [[nodiscard]] std::string take_buffered_input() override;
    [[nodiscard]] std::shared_ptr<void>& connection_data() override { return connection_data_; }

    // ---- connection_eviction.cpp
    [[nodiscard]] std::uint64_t bytes_in_use() const noexcept;
    [[nodiscard]] source_shares::verdict claim_memory() { return claims_.claim(bytes_in_use()); }
    [[nodiscard]] bool evict(resource_claims::offer what, resource_claims::resource needed) override;
    [[nodiscard]] bool evict_idle(interruption why);
    void evict_request(interruption why);
    void evict_parked(interruption why);
    void evict_unread(interruption why);
    [[nodiscard]] step answer_evicted();
    [[nodiscard]] bool is_evicted() const noexcept { return interrupted_ > interruption::expired; }
    [[nodiscard]] static const char* reason_of(interruption) noexcept;
    [[nodiscard]] bool waits_for_request() const noexcept { return phase_ == phase::plain && !block_; }
    [[nodiscard]] steady_point last_use() const noexcept override;

    // ---- connection_end.cpp
    void expect(milliseconds span) noexcept { deadline_ = now_ + span; }
    void watch_client() override { watch_ = client_watch::by_sweep; }
    void unwatch_client() override { watch_ = client_watch::none; }
    void watch_by_wait();
    void unwatch_by_wait() noexcept;
    void on_client_event(const boost::system::error_code& ec);
    void end_at_drain() override;
    void finish_connection() noexcept;
    void send_close_notify() noexcept;
    void drop_pending_answer();
    void close_by_reset() noexcept;  // the close to come: where an orderly one would look like the body's end

    server_core& core_;
    connection_list::iterator self_;
    std::string remote_;
    resource_claims claims_;
    std::shared_ptr<void> connection_data_;  // of whoever passes its requests on
    stream_socket socket_;
    boost::asio::cancellation_signal signal_;
    phase phase_ = phase::plain;
    idle_watch idle_;
    ending ending_;
    bool keep_alive_ = true;

    // For the deadline: see `sweep`.
    steady_point now_;  // as of the last bytes
    steady_point deadline_ = steady_point::max();
    interruption interrupted_ = interruption::none;

    // While a request is under way: one of the two, the second one while `slot_` waits.
    std::unique_ptr<connection_block> block_;
    std::unique_ptr<parked_request> parked_;
    std::shared_ptr<answer_slot> slot_;  // while its response is deferred
    source_shares::hold request_;        // its place among the requests, or the streams
    bool in_flight_ = false;             // counted as such
    bool ends_at_drain_ = false;
    body_read body_read_ = body_read::none;
    client_watch watch_ = client_watch::none;
    bool is_watch_pending_ = false;  // a wait for it is under way, if only one that was cancelled
};

}  // namespace distd::http
