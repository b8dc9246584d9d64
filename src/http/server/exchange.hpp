// One request and its answer on one connection: what the public `request` and `body_writer` handles point at.
#pragma once

#include <distd/http.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message/request_head.hpp"
#include "http/server/route.hpp"
#include "http/server/source_shares.hpp"
#include "http/transport/stream_socket.hpp"

namespace distd::http {

// A piece of a streamed body: its parts are sent one behind the other.
struct body_piece {
    std::string own;
    shared_text shared = nullptr;  // what other streams send, too
    bool ends_event = false;       // with an empty line
};

// The connection, as far as handlers reach it.
class exchange_io {
public:
    // Whether that HOST:PORT is one that this end of the connection goes by: see own_names::is_called.
    [[nodiscard]] virtual bool is_called(std::string_view authority) const = 0;

    // ---- the request's body, and a body that is streamed
    virtual task<result<std::string_view>> read_body_piece() = 0;
    // Cancels a pending `read_body_piece`; it completes with errc::stopped.
    virtual void stop_reading() = 0;
    virtual task<result<>> write_body_piece(body_piece piece) = 0;
    // The producer of the body keeps so many bytes itself; false: over what it may.
    [[nodiscard]] virtual bool count_held(std::size_t bytes) = 0;

    // ---- a response that takes a while to be made
    // So much memory is held for its body until it is given. Ask before it is made: what is refused costs
    // nothing.
    [[nodiscard]] virtual source_shares::verdict reserve(std::size_t bytes) = 0;

    // ---- a deferred response
    virtual void answer_deferred(response) = 0;
    virtual void handle_deferred(const handler&) = 0;
    // A 500, with the log event of a handler that failed.
    [[nodiscard]] virtual response failure(std::string_view what) = 0;

    // ---- a response that somebody else gave, passed on piece by piece
    // What the handler returns or gives after `begin_relay` is not sent: the client has its response, whole
    // if `exchange::relayed_whole` says so, else cut off.

    [[nodiscard]] virtual std::string_view date() const noexcept = 0;  // of now, for a Date field
    // The head: `lines` are its fields, each with its line end, without framing and connection management.
    // A body follows when `has_body`; without a `length` it is chunked, or ends with the connection.
    virtual void begin_relay(int status, std::string_view lines, bool has_body,
                             std::optional<std::uint64_t> length) = 0;
    // A piece of the body: what the peer does not take at once is kept, so wait for `relay_sent` before there
    // is more than a buffer of it.
    virtual void relay(std::string_view piece) = 0;
    // Sends what is kept, as far as that goes without waiting; true when it is all out.
    [[nodiscard]] virtual bool relay_now() = 0;
    // The same, waiting; false once the peer is gone.
    [[nodiscard]] virtual task<bool> relay_sent() = 0;
    // From now on, until the request is answered, it is cancelled within a second when the peer leaves, also
    // while its response is deferred; at a forced stop it gets 503.
    virtual void watch_client() = 0;
    virtual void unwatch_client() = 0;
    // It never ends by itself: it is cancelled at the drain, too.
    virtual void end_at_drain() = 0;
    // After a 101 was relayed: the connection, and what the peer sent behind its request.
    [[nodiscard]] virtual stream_socket& socket() = 0;
    [[nodiscard]] virtual std::string take_buffered_input() = 0;
    // Something that ends with the client's connection and not before, for whoever passes its requests on.
    [[nodiscard]] virtual std::shared_ptr<void>& connection_data() = 0;

protected:
    ~exchange_io() = default;
};

// How a `pending_answer` finds its connection.
struct answer_slot {
    exchange_io* io;             // null once it was given, or nobody waits for it any more
    fields headers;              // to be added to it
    std::function<void()> gone;  // called when nobody waits any more before it was given

    answer_slot(exchange_io* owner, fields added) noexcept : io(owner), headers(std::move(added)) {}
};

struct exchange {
    request_head head;
    path_params params;
    route* matched = nullptr;
    std::string_view signature;  // see router; empty until a handler is called
    std::string_view body;
    std::string_view remote;
    steady_point began;  // when its bytes came
    exchange_io* io = nullptr;
    bool is_encrypted = false;  // on its way to this process: by TLS

    // For the access record: of a request that was passed on, and why one was not answered.
    std::string upstream;
    int tries = 0;
    std::string_view reason;  // of the last try that failed, or of the end; literals
    int relayed_status = 0;   // of the answer that was passed on; 0: none was
    bool relayed_whole = false;

    std::array<char, 64> id{};
    std::size_t id_size = 0;
    std::array<char, 32> trace_id{};
    std::array<char, 16> span_id{};    // this request's own
    std::array<char, 16> parent_id{};  // the span that it was sent from; only when `has_parent`
    bool has_parent = false;
    bool sampled = true;

    [[nodiscard]] std::string_view request_id() const noexcept { return {id.data(), id_size}; }
    [[nodiscard]] std::string_view trace() const noexcept { return {trace_id.data(), trace_id.size()}; }
    [[nodiscard]] std::string_view span() const noexcept { return {span_id.data(), span_id.size()}; }
    [[nodiscard]] std::string_view parent() const noexcept {
        return {parent_id.data(), has_parent ? parent_id.size() : 0};
    }

    // Takes over the peer's X-Request-Id and traceparent where they are well-formed, makes new ones
    // otherwise.
    void identify();
    void forget_upstream() noexcept;
};

[[nodiscard]] inline exchange& exchange_of(const request& q) noexcept { return *q.exchange_; }

}  // namespace distd::http
