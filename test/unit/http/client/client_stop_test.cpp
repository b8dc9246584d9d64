// Calls that are ended from outside: cancelled, or their client stops or goes.
#include <catch2/catch.hpp>
#include <optional>

#include "unit/http/client/client_fixture.hpp"

using namespace distd;
using namespace distd::http;
using namespace distd::test;
using action = raw_server::action;

TEST_CASE_METHOD(client_fixture, "a cancelled call closes its connection and is counted") {
    raw_server server(loop, always(""));
    auto p = start(call("GET", server.url()));
    run_until([&] { return server.requests().size() == 1; });
    p->cancel();
    run_until([&] { return p->ended() && server.open_connections() == 0; });
    CHECK(p->cancelled);
    CHECK(client->idle_connections() == 0);
    CHECK(ended_as("cancelled") == 1);
}

TEST_CASE("a stopped client ends what is under way, takes nothing more and leaves the loop empty") {
    client_fixture f({.connections_per_target = 1});
    std::optional<raw_server> server(std::in_place, f.loop, [](int, const std::string& request) {
        return action{request.starts_with("GET /hang") ? "" : ok};
    });
    REQUIRE(f.get(server->url()));
    auto sent = f.start(call("GET", server->url("/hang")));
    auto waiting = f.start(call("GET", server->url("/hang")));
    f.run_until([&] { return server->requests().size() == 2; });
    f.client->stop();
    f.run_until([&] { return sent->ended() && waiting->ended(); });
    CHECK(sent->failed_with(errc::stopped));
    CHECK(waiting->failed_with(errc::stopped));
    CHECK(f.error_of(call("GET", server->url())) == errc::stopped);
    CHECK(f.client->idle_connections() == 0);
    server.reset();
    f.loop.run();  // returns by itself
    CHECK(f.time.waiting() == 0);
}

TEST_CASE("a client may go while calls are under way") {
    client_fixture f;
    raw_server server(f.loop, always(""));
    auto p = f.start(call("GET", server.url()));
    f.run_until([&] { return server.requests().size() == 1; });
    f.client.reset();
    f.run_until([&] { return p->ended(); });
    CHECK(p->failed_with(errc::stopped));
}
