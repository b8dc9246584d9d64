// What becomes of a request whose client left before it was answered.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "http/handlers.hpp"
#include "support/record_text.hpp"
#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;

TEST_CASE("a waiting handler is cancelled when its client leaves") {
    server_fixture s;
    bool left = false;
    http::route_options waits;
    waits.waits_long = true;
    s.get(
        "/wait", [&](http::request) { return wait_for_ever(&left, s.loop.get_executor(), &s.time); }, waits);
    s.start();
    {
        auto peer = s.connect();
        peer.send(get_request("/wait"));
        s.pump();
        CHECK_FALSE(left);
    }
    s.pump();
    CHECK(left);
    CHECK(s.server->connections() == 0);
}

TEST_CASE("requests that end without an answer are logged with the reason and no longer in flight") {
    server_fixture s;
    std::vector<std::string> lines;
    s.log->tap("test", [&](log_level, std::string_view line) { lines.push_back(record_text(line)); });
    bool left = false;
    http::route_options waits;
    waits.waits_long = true;
    s.get(
        "/wait", [&](http::request) { return wait_for_ever(&left, s.loop.get_executor(), &s.time); }, waits);
    s.post("/echo", [](http::request) { return http::response(200); });
    s.start();
    const auto& in_flight = s.counters.level("distd_http_requests_in_flight", "");
    {
        auto waiting = s.connect();
        auto sending = s.connect();
        waiting.send(get_request("/wait"));
        sending.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf");
        s.pump();
        CHECK(in_flight.value() == 2);
    }
    s.pump();
    CHECK(s.server->connections() == 0);
    CHECK(in_flight.value() == 0);
    REQUIRE(lines.size() == 2);
    for (const auto& line : lines)
        CHECK_THAT(line, Contains(" status=499 ") && EndsWith(" reason=client_gone"));
}
