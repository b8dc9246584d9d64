// What the connections of a server share: its settings and its clock, the shares of what there is, counters.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "base/logging/log_sink.hpp"
#include "http/message/gzip.hpp"
#include "http/server/connection_block.hpp"
#include "http/server/router.hpp"
#include "http/server/server_setup.hpp"
#include "http/server/shared_bodies.hpp"
#include "http/transport/edge_wait.hpp"

namespace distd::http {

class connection;
class tls_server;

using connection_list = std::list<connection>;

class connection_owner {
public:
    // It is over. Destroys it.
    virtual void remove(connection_list::iterator) noexcept = 0;

protected:
    ~connection_owner() = default;
};

struct server_core {
    server_core(server_setup, executor, time_source&, router&, std::shared_ptr<log_sink>, metrics&,
                connection_owner&);

    void tick();  // once a second: the date
    [[nodiscard]] wall_point wall(steady_point t) const noexcept {
        return wall_base + std::chrono::duration_cast<wall_point::duration>(t - steady_base);
    }

    // Not each refused access is logged, or whoever guesses tokens fills the log.
    [[nodiscard]] bool may_log_refused_access();

    server_setup setup;  // with `memory`
    executor loop;
    time_source& time;
    router& routes;
    std::shared_ptr<log_sink> log;
    connection_owner& connections;
    block_pool pool;
    edge_waits wait_readable;
    source_shares places;    // of connections
    source_shares requests;  // whose handlers may wait; the gateway shares what it passes on by itself
    source_shares streams;
    shared_bodies bodies;  // that clients leave unread
    gzipped_texts gzipped;
    bool draining = false;
    std::optional<std::uint16_t> https_port;  // where TLS is spoken, if it is
    std::shared_ptr<const tls_server> https;
    std::string date;
    steady_point steady_base;
    wall_point wall_base;
    steady_point next_refused_access_log;

    counter& refused_heads;
    counter& refused_connections;
    counter& reclaimed_connections;
    counter& reclaimed_requests;
    counter& reclaimed_answers;
    counter& expired;
    counter& refused_access;
    counter& accepted;
    gauge& in_flight;
};

}  // namespace distd::http
