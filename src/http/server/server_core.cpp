// What the connections of a server share.
#include "http/server/connection.hpp"

namespace distd::http {
namespace {

constexpr std::size_t kept_out_bytes = 16 * 1024;  // of the room that answers had, with a block in the pool
constexpr std::size_t kept_body_bytes = 4 * 1024;  // the same of a body
constexpr std::uint64_t default_memory = 256 << 20;
constexpr seconds pause_between_refusals{10};  // that are logged

share_bounds bounds_of(std::uint64_t whole, const server_setup& s) noexcept {
    return share_bounds::of(whole, s.source_share, s.only_loopback_comes);
}

server_setup with_memory(server_setup s) {
    if (!s.memory) s.memory = std::make_shared<source_shares>(bounds_of(default_memory, s));
    return s;
}

}  // namespace

std::unique_ptr<connection_block> block_pool::take() {
    if (kept_.empty())
        return std::unique_ptr<connection_block>(new connection_block);  // `in` stays uninitialised
    auto block = std::move(kept_.back());
    kept_.pop_back();
    return block;
}

void block_pool::give_back(std::unique_ptr<connection_block> block) {
    if (kept_.size() == max_pooled) return;
    if (block->out.capacity() > kept_out_bytes) free_memory_of(block->out);
    if (block->body.capacity() > kept_body_bytes) free_memory_of(block->body);
    kept_.push_back(std::move(block));
}

server_core::server_core(server_setup s, executor ex, time_source& t, router& r,
                         std::shared_ptr<log_sink> sink, metrics& m)
    : setup(with_memory(std::move(s))),
      loop(ex),
      time(t),
      routes(r),
      log(std::move(sink)),
      wait_readable(ex),
      places(bounds_of(setup.max_connections, setup)),
      requests(bounds_of(setup.max_requests, setup)),
      streams(bounds_of(setup.max_requests, setup)),
      bodies(*setup.memory),
      emptied(ex, t),
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
    m.level_of("distd_http_connections", "Open connections",
               [this] { return static_cast<double>(connections.size()); });
    tick();
}

void server_core::tick() {
    steady_base = time.now();
    wall_base = time.wall();
    date = http_date(wall_base);
    for (auto it = connections.begin(); it != connections.end();) (it++)->sweep(steady_base);
}

void server_core::remove(connection_list::iterator c) noexcept {
    connections.erase(c);
    if (connections.empty()) emptied.wake();
}

bool server_core::may_log_refused_access() {
    const auto now = time.now();
    if (now < tells_of_refused_access_from) return false;
    tells_of_refused_access_from = now + pause_between_refusals;
    return true;
}

}  // namespace distd::http
