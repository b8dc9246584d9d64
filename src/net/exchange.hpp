// One request and its answer on one connection: what the public `request` and `body_writer` handles point at.
#pragma once

#include <distd/http.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "net/request_head.hpp"
#include "net/router.hpp"

namespace distd::http {

// The connection, as far as handlers reach it.
class exchange_io {
public:
    virtual task<result<std::string_view>> read_body_piece() = 0;
    virtual task<result<>> write_body_piece(std::string bytes) = 0;
    virtual void answer_parked(response) = 0;

protected:
    ~exchange_io() = default;
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
    exchange_io* io = nullptr;

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
