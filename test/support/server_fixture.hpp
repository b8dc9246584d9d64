// A bare HTTP server on a loop of the test's own thread, with time that stands still.
#pragma once

#include <fcntl.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <distd/http.hpp>
#include <memory>

#include "base/logging/log_sink.hpp"
#include "http/server/server.hpp"
#include "http/transport/tls_context.hpp"
#include "support/fake_time.hpp"
#include "support/raw_peer.hpp"
#include "support/test_certificate.hpp"
#include "support/tls_peer.hpp"

namespace distd::test {

struct server_fixture {
    boost::asio::io_context loop{1};
    fake_time time{loop};
    metrics counters;
    std::shared_ptr<log_sink> log = std::make_shared<log_sink>(quiet(), time);
    http::router routes;
    std::unique_ptr<http::server> server;
    std::shared_ptr<http::tls_server> tls;  // null: plain text, unless this run is over TLS
    bool is_plain = false;                  // whatever the run: what the test says holds without TLS only

    static log_sink::setup quiet() {
        log_sink::setup setup;
        setup.min = log_level::error;
        setup.access_lines = false;
        return setup;
    }

    void get(std::string path, http::handler h, http::route_options o = {}) {
        routes.add({http::verb::get, std::move(path), std::move(h), o});
    }
    void post(std::string path, http::handler h, http::route_options o = {}) {
        routes.add({http::verb::post, std::move(path), std::move(h), o});
    }

    void start(http::server_setup setup = {}) {
        setup.source = "test";
        server = std::make_unique<http::server>(setup, loop.get_executor(), time, routes, log, counters);
        const boost::asio::ip::tcp::endpoint any_port(boost::asio::ip::address_v4::loopback(), 0);
        if (tls || (runs_over_tls() && !is_plain)) {
            if (!tls) show_any_certificate();
            server->listen(any_port, tls);
            speak_tls_at(server->local_tls()->port());
        } else {
            server->listen(any_port);
            forget_tls_at(server->local().port());  // of another server, before
        }
        server->start();
        pump();
    }

    void show_any_certificate() {
        tls = std::make_shared<http::tls_server>(std::make_shared<http::tls_counters>(counters));
        http::ticket_keys keys;
        keys.rotate(time.wall());
        tls->use(std::move(keys));
        const auto& c = any_certificate();
        tls->use({std::make_shared<const http::tls_certificate>(c.certificate(), c.key())});
    }

    [[nodiscard]] std::uint16_t port() const {
        return tls ? server->local_tls()->port() : server->local().port();
    }

    void pump() {
        loop.restart();
        while (loop.poll() > 0) {}
    }

    raw_peer connect() {
        return raw_peer(port(), [this] { pump(); });
    }

    // One connection, these bytes, everything that comes back until the server closes.
    std::string exchange(std::string_view bytes) {
        auto peer = connect();
        peer.send(bytes);
        peer.finish_sending();
        return peer.read_until_close();
    }

    ~server_fixture() {
        if (!server) return;
        server->stop();
        bool ended = false;
        boost::asio::co_spawn(loop, server->join_until(time.now() + seconds(1)),
                              [&](std::exception_ptr, bool all) { ended = all; });
        pump();
        server.reset();
        if (!ended) std::fprintf(stderr, "the server of the test did not end\n");
    }
};

}  // namespace distd::test
