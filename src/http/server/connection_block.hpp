// The buffers of a connection, which it has only while a request is under way. Idle connections hold none,
// which is why ten thousand of them are cheap; the pool keeps some for the next requests.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/server/exchange.hpp"
#include "http/server/request_body.hpp"
#include "http/server/request_input.hpp"
#include "http/server/response_sender.hpp"

namespace distd::http {

// Assigning an empty string to one keeps what that has allocated.
inline void free_memory_of(std::string& s) noexcept { std::string().swap(s); }

struct connection_block {
    exchange x;
    request_input input;
    response_sender sender;
    std::string body;
    std::optional<handler_result> under_way;  // what the handler returned, if it has to be waited for

    request_body incoming;  // of the request at hand, as far as it is still to be read
};

// What a request keeps instead of a block while its response is deferred, where the handler allows that
// (buffers::release): a long poll that waits for minutes is to cost no more than its own bytes.
struct parked_request {
    exchange x;
    std::string bytes;   // its head and its body, as `x` shows them
    std::string behind;  // what had come behind it
};

class block_pool {
public:
    [[nodiscard]] std::unique_ptr<connection_block> take();
    void give_back(std::unique_ptr<connection_block>);

private:
    static constexpr std::size_t max_pooled = 128;
    std::vector<std::unique_ptr<connection_block>> kept_;
};

}  // namespace distd::http
