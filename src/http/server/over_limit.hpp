// What a client gets when a limit is reached, for all clients or for its own address: RFC 9457 problems,
// which say that a second later is soon enough to try again.
#pragma once

#include <distd/http.hpp>

#include "http/server/source_shares.hpp"

namespace distd::http {

enum class limited : std::uint8_t { connection, memory, request, stream };

// 503 where the limit for all clients is reached, 429 where it is that of one address.
[[nodiscard]] response over_limit(source_shares::verdict why, limited what);
// 503 for a request that was evicted before it was handled, or for a long poll that was before its news.
[[nodiscard]] response evicted_response();
// `over_limit` as all the bytes of a response, for connections whose request is not read.
[[nodiscard]] std::string over_limit_bytes(source_shares::verdict why, limited what);

}  // namespace distd::http
