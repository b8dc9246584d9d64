// Which connection a call takes: one that is kept, as long as it is certain to be good, or a new one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "unit/http/client/client_fixture.hpp"

using namespace distd;
using namespace distd::http;
using namespace distd::test;
using action = raw_server::action;

TEST_CASE_METHOD(client_fixture, "calls one after the other share one connection") {
    raw_server server(loop, always(ok));
    for (int i = 0; i < 5; ++i) REQUIRE(get(server.url()));
    CHECK(server.connections() == 1);
    CHECK(client->idle_connections() == 1);
    CHECK(reused() == 4);
    CHECK(ended_as("answered") == 5);
}

TEST_CASE_METHOD(client_fixture, "the connection used last is used first") {
    std::vector<int> used;
    raw_server server(loop, [&](int connection, const std::string&) {
        used.push_back(connection);
        return action{ok};
    });
    auto a = start(call("GET", server.url()));
    auto b = start(call("GET", server.url()));
    run_until([&] { return a->ended() && b->ended(); });
    for (int i = 0; i < 3; ++i) REQUIRE(get(server.url()));
    CHECK(server.connections() == 2);
    CHECK(std::vector<int>(used.begin() + 2, used.end()) == std::vector<int>(3, used[1]));
}

TEST_CASE_METHOD(client_fixture,
                 "a connection is not used again when the answer forbids it or left bytes behind") {
    const auto& text = GENERATE(values<std::string>({
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay",
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    }));
    raw_server server(loop, always(text));
    REQUIRE(get(server.url()));
    CHECK(client->idle_connections() == 0);
    REQUIRE(get(server.url()));
    CHECK(server.connections() == 2);
}

TEST_CASE("a connection that carried a body serves no other call, unless all bodies are one party's") {
    client_setup setup;
    setup.keeps_after_bodies = GENERATE(false, true);
    client_fixture f(setup);
    raw_server server(f.loop, always(ok));
    REQUIRE(f.get(server.url()));
    REQUIRE(f.ask(post(server.url(), "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n")));
    CHECK(f.client->idle_connections() == (setup.keeps_after_bodies ? 1 : 0));
    CHECK((server.requests().at(1).find("\r\nConnection: close\r\n") == std::string::npos) ==
          setup.keeps_after_bodies);
    REQUIRE(f.get(server.url()));
    CHECK(server.connections() == (setup.keeps_after_bodies ? 1 : 2));
}

TEST_CASE_METHOD(client_fixture,
                 "an idle connection that its server closed is noticed before anything is sent") {
    raw_server server(loop, always(ok));
    REQUIRE(get(server.url()));
    server.close_connections();
    REQUIRE(ask(post(server.url())));
    CHECK(server.connections() == 2);
    CHECK(server.requests().size() == 2);
    CHECK(reused() == 0);
}

TEST_CASE_METHOD(client_fixture, "an idle connection on which bytes arrive unasked is not used again") {
    raw_server server(loop, [](int connection, const std::string&) {
        return action{ok + (connection == 0 ? "HTTP/1.1 408 Too Slow\r\n\r\n" : ""), false, false,
                      connection == 0 ? ok.size() : 0};
    });
    REQUIRE(get(server.url()));
    loop.poll();
    REQUIRE(get(server.url()));
    CHECK(server.connections() == 2);
}

TEST_CASE("connections that idle too long are closed, and of too many the oldest") {
    client_fixture f({.idle_per_target = 2});
    raw_server server(f.loop, always(ok));
    std::vector<std::unique_ptr<pending>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(f.start(call("GET", server.url())));
    f.run_until(
        [&] { return calls[0]->ended() && calls[1]->ended() && calls[2]->ended() && calls[3]->ended(); });
    CHECK(f.client->idle_connections() == 2);
    f.time.advance(seconds(49));
    CHECK(f.client->idle_connections() == 2);
    f.time.advance(seconds(1));
    CHECK(f.client->idle_connections() == 0);
    f.run_until([&] { return server.open_connections() == 0; });
    CHECK(f.time.waiting() == 0);  // nothing left to watch, nobody watches
}

TEST_CASE("a thousand calls to a thousand targets at once are answered") {
    client_fixture f({.keeps_after_bodies = true});
    constexpr int targets = 1000;
    std::vector<std::unique_ptr<raw_server>> servers;
    for (int i = 0; i < targets; ++i) servers.push_back(std::make_unique<raw_server>(f.loop, always(ok)));
    std::vector<std::unique_ptr<pending>> calls;
    for (const auto& s : servers) calls.push_back(f.start(post(s->url("/services"), std::string(200, 'x'))));
    f.run_until(
        [&] { return std::all_of(calls.begin(), calls.end(), [](const auto& p) { return p->ended(); }); });
    CHECK(f.ended_as("answered") == targets);
    CHECK(f.client->idle_connections() == targets);
}
