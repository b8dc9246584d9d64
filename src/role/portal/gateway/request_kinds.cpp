#include "role/portal/gateway/request_kinds.hpp"

#include "http/message/request_origin.hpp"

namespace distd::portal {

std::optional<gateway_failure> judge_kind(http::exchange& x, const gateway_routes::gateway_route* route) {
    using enum http::verb;
    const auto method = x.head.method;
    const bool only_reads = method == get || method == head;
    if (only_reads && x.head.has_body() && !(route && route->allow_get_bodies))
        return gateway_failure{400,
                               "A " + std::string(x.head.method_text) +
                                   " request with a body is not forwarded: implementations disagree about "
                                   "its meaning. A route may allow it (allow_get_bodies).",
                               "client", "body_of_get"};
    const bool changes = (!only_reads && method != options) || http::wants_websocket(x.head);
    if (changes && !(route && route->allow_cross_site) && http::is_from_other_site(http::request(x)))
        return gateway_failure{
            403,
            "A page of another site can neither change anything here nor open a WebSocket. A "
            "route may allow it (allow_cross_site).",
            "client", "cross_site"};
    return std::nullopt;
}

}  // namespace distd::portal
