// What a drain closes at once, what it waits for and what it ends.
#include <catch2/catch.hpp>

#include "http/handlers.hpp"
#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;

TEST_CASE("a drain closes connections that were busy just now and idle ones") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response(200); });
    s.start();
    auto quiet = s.connect();
    quiet.send(get_request("/a"));
    static_cast<void>(quiet.read_answer());
    s.time.advance(seconds(3));
    auto recent = s.connect();
    recent.send(get_request("/a"));
    static_cast<void>(recent.read_answer());
    s.server->drain();
    s.pump();
    CHECK(quiet.read_until_close().empty());
    CHECK(recent.read_until_close().empty());
    CHECK(s.server->connections() == 0);
}

TEST_CASE("draining closes idle connections, finishes open requests and ends long polls") {
    server_fixture s;
    distd::alarm_clock gate(s.loop.get_executor(), s.time);
    bool stream_ended = false;
    s.get("/a", [](http::request) { return http::response(200); });
    struct gated {
        static task<http::response> wait(distd::alarm_clock* gate) {
            co_await gate->wait();
            co_return http::response::text(200, "finished");
        }
    };
    s.get("/work", [&](http::request) { return gated::wait(&gate); });
    s.get("/e", [&](http::request) {
        return http::response::events([&](http::body_writer w) {
            return tick_for_ever(w, &stream_ended, s.loop.get_executor(), &s.time);
        });
    });
    s.start();
    auto idle = s.connect();
    auto busy = s.connect();
    auto stream = s.connect();
    idle.send(get_request("/a"));
    static_cast<void>(idle.read_answer());
    busy.send(get_request("/work"));
    stream.send(get_request("/e"));
    static_cast<void>(stream.read_some());
    s.server->drain();
    s.pump();
    CHECK(idle.read_until_close().empty());
    CHECK(stream_ended);
    CHECK(busy.is_silent());
    CHECK_THROWS(s.connect());
    gate.wake();
    CHECK_THAT(busy.read_until_close(), Contains("Connection: close") && EndsWith("finished"));
    CHECK(s.server->connections() == 0);
}
