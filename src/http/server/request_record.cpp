#include "http/server/request_record.hpp"

#include <chrono>

#include "http/message/request_origin.hpp"

namespace distd::http {
namespace {

std::uint64_t microseconds_between(steady_point a, steady_point b) noexcept {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(b - a).count());
}

// What a request's record is at the log service. A refusal is the client's own business, unless whoever owns
// the route wants to hear of it.
log_level level_of(int status, const route& r) noexcept {
    if (status >= 500) return log_level::error;
    return status >= 400 && r.options.warns_of_refusals ? log_level::warn : log_level::info;
}

// Whether one of our programs read what it will read again. The command line counts, too: one `distd
// services` is four such reads, and whoever types it sees the answers. Its changes are on other routes.
bool is_own_read(const request_head& head, const route_options& o) noexcept {
    if (!o.polled) return false;
    const auto agent = head.find("User-Agent");
    return agent == own_user_agent || agent == command_line_user_agent;
}

// Whether its line would only say that the system runs. A failure says more.
bool is_internal(const request_head& head, int status, const route_options& o) noexcept {
    return o.internal || (status < 500 && is_own_read(head, o));
}

// Whether a terminal does not show it: a process of the system or a browser sent it by itself, or it came on
// a route that only programs use. What such a route refuses a stranger is shown: the stranger's author looks
// for it.
bool is_routine(const request_head& head, int status, const route_options& o) noexcept {
    if (head.find("User-Agent") == own_user_agent || is_own_read(head, o)) return true;
    // Browsers ask for it by themselves, also where an answer is no page and so cannot name its icon.
    if (head.path == "/favicon.ico" && status < 500) return true;
    return (o.internal || o.routine) && status < 400;
}

}  // namespace

void record_request(server_core& core, const exchange& x, const request_end& end) {
    const auto& route = x.matched ? *x.matched : core.routes.unrouted();
    route.answered[static_cast<std::size_t>(end.status / 100)]->add();
    route.duration->observe_ns(static_cast<std::uint64_t>((end.at - x.began).count()));
    core.log->access({.time = core.wall(end.at),
                      .source = core.setup.source,
                      .request_id = x.request_id(),
                      .trace_id = x.trace(),
                      .span_id = x.span(),
                      .parent_id = x.parent(),
                      .remote = x.remote,
                      .method = x.head.method_text,
                      .path = x.head.path,
                      .status = end.status,
                      .sent_bytes = end.sent_bytes,
                      .duration_us = microseconds_between(x.began, end.at),
                      .level = level_of(end.status, route),
                      .internal = is_internal(x.head, end.status, route.options),
                      .is_routine = core.log->has_reader() && is_routine(x.head, end.status, route.options),
                      .upstream = x.upstream,
                      .tries = x.tries,
                      .reason = x.reason});
}

}  // namespace distd::http
