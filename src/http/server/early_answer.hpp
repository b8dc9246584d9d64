// What is answered from the head of a request alone, before its body is read and its route is called: to a
// host that is not ours, without access, without a route, with a body that is too large.
#pragma once

#include <distd/http.hpp>
#include <optional>

#include "http/server/exchange.hpp"
#include "http/server/request_body.hpp"
#include "http/server/server_core.hpp"

namespace distd::http {

// Nothing: the request goes to `x.matched`, which is set then, and `body` knows what was promised of it.
[[nodiscard]] std::optional<response> answer_from_head(server_core&, const stream_socket&, exchange& x,
                                                       request_body& body);

// For those who look after the service, and not each time.
void note_refused_access(server_core&, const exchange&, const char* reason);

}  // namespace distd::http
