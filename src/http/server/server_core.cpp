#include "http/server/server_core.hpp"

#include "http/message/http_date.hpp"

namespace distd::http {
namespace {

constexpr std::uint64_t default_memory = 256 << 20;
constexpr seconds pause_between_refusals{10};  // that are logged

source_shares::bounds bounds_of(std::uint64_t whole, const server_setup& s) noexcept {
    return source_shares::bounds::of(whole, s.source_share, s.only_loopback_comes);
}

server_setup with_memory(server_setup s) {
    if (!s.memory) s.memory = std::make_shared<source_shares>(bounds_of(default_memory, s));
    return s;
}

}  // namespace

server_core::server_core(server_setup s, executor ex, time_source& t, router& r,
                         std::shared_ptr<log_sink> sink, metrics& m, connection_owner& owner)
    : setup(with_memory(std::move(s))),
      loop(ex),
      time(t),
      routes(r),
      log(std::move(sink)),
      connections(owner),
      wait_readable(ex),
      places(bounds_of(setup.max_connections, setup)),
      requests(bounds_of(setup.max_requests, setup)),
      streams(bounds_of(setup.max_requests, setup)),
      bodies(*setup.memory),
      refused_heads(
          m.count("distd_http_refused_requests_total", "Requests refused before any route saw them")),
      refused_connections(
          m.count("distd_http_refused_connections_total", "Connections over the cap, answered with 503")),
      reclaimed_connections(
          m.count("distd_http_reclaimed_connections_total", "Idle connections ended to let others in")),
      reclaimed_requests(
          m.count("distd_http_reclaimed_requests_total",
                  "Requests ended while they arrived, and long polls answered early, to make room")),
      reclaimed_answers(m.count("distd_http_reclaimed_answers_total",
                                "Answers that their clients did not take, cut off to make room")),
      expired(m.count("distd_http_expired_connections_total", "Connections closed at a deadline")),
      refused_access(m.count("distd_http_refused_access_total",
                             "Requests without an access token, or with one or a proof that is not good")),
      accepted(m.count("distd_http_connections_total", "Connections taken")),
      in_flight(m.level("distd_http_requests_in_flight", "Requests whose answer is not complete")) {
    routes.count_in(m);
    tick();
}

void server_core::tick() {
    steady_base = time.now();
    wall_base = time.wall();
    date = http_date(wall_base);
}

bool server_core::may_log_refused_access() {
    const auto now = time.now();
    if (now < next_refused_access_log) return false;
    next_refused_access_log = now + pause_between_refusals;
    return true;
}

}  // namespace distd::http
