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
#include "http/transport/stream_socket.hpp"

namespace distd::http {

// The connection, as far as handlers reach it.
class exchange_io {
public:
    // For a handler that passes on somebody else's answer, and returns `sent_already` then.

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
    // From now on, until the handler ends, it is cancelled within a second when the peer leaves.
    virtual void watch_client() = 0;
    virtual void unwatch_client() = 0;
    // It never ends by itself: it is cancelled at the drain, too.
    virtual void end_at_drain() = 0;
    // After a 101 was relayed: the connection, and what the peer sent behind its request.
    [[nodiscard]] virtual stream_socket& socket() = 0;
    [[nodiscard]] virtual std::string take_ahead() = 0;

    virtual task<result<std::string_view>> read_body_piece() = 0;
    // Whoever waits for such a piece is told `stopped` at once; what it waited for is not wanted any more.
    virtual void stop_reading() = 0;
    virtual task<result<>> write_body_piece(std::string bytes) = 0;
    virtual void answer_parked(response) = 0;
    virtual void passage_woke() = 0;
    // Something that ends with the client's connection and not before, for whoever passes its requests on.
    [[nodiscard]] virtual std::shared_ptr<void>& belongings() = 0;

protected:
    ~exchange_io() = default;
};

// A request that is passed on to somebody else, and their answer on its way back. Most wait but once, for an
// answer that is then here whole: for those no coroutine is begun. The connection owns it.
class passage {
public:
    virtual ~passage() = default;
    // Goes on until it has to wait for the answer: true, and `exchange_io::passage_woke` is called once.
    // False: there is more to it, and `run` has to go on, before the loop has another turn.
    [[nodiscard]] virtual bool begin() = 0;
    // After that call: what `run` would return, if nothing is left to wait for. Nothing: as above.
    [[nodiscard]] virtual std::optional<response> end_at_once() = 0;
    // From wherever it stands. The answer: its own, or `sent_already`.
    [[nodiscard]] virtual task<response> run() = 0;
};

// Where a pending answer finds its connection.
struct answer_slot {
    exchange_io* io = nullptr;   // null once it was given, or nobody waits for it any more
    std::function<void()> gone;  // told when the client leaves

    explicit answer_slot(exchange_io* owner) noexcept : io(owner) {}
};

struct exchange {
    request_head head;
    path_params params;
    route* matched = nullptr;
    std::string_view body;
    std::string_view remote;
    steady_point began;  // when its bytes came
    exchange_io* io = nullptr;

    // For the access record: of a request that was passed on, and why one was not answered.
    std::string upstream;
    int tries = 0;
    std::string_view reason;  // of the last try that failed, or of the end; literals
    int relayed_status = 0;   // of the answer that was passed on

    std::array<char, 64> id{};
    std::size_t id_size = 0;
    std::array<char, 32> trace_id{};
    std::array<char, 16> span_id{};
    bool sampled = true;

    [[nodiscard]] std::string_view request_id() const noexcept { return {id.data(), id_size}; }
    [[nodiscard]] std::string_view trace() const noexcept { return {trace_id.data(), trace_id.size()}; }

    // Takes over the peer's X-Request-Id and traceparent where they are well-formed, makes new ones
    // otherwise.
    void identify();
};

}  // namespace distd::http
