// The record of a request that is over: its counters, and its line in the log.
#pragma once

#include <cstdint>

#include "http/server/exchange.hpp"
#include "http/server/server_core.hpp"

namespace distd::http {

// Of the end of its response.
struct request_end {
    int status = 0;
    std::uint64_t sent_bytes = 0;  // of the body
    steady_point at;
};
void record_request(server_core&, const exchange&, const request_end&);

}  // namespace distd::http
