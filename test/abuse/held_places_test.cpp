// One client that wants all connections there are, and says nothing on them.
#include <catch2/catch.hpp>

#include "abuse/abuse.hpp"

using namespace distd::test;

// Opens every connection there is, says nothing, and comes again when it is turned away.
TEST_CASE("one client that opens all connections gets half of them, and another client is served") {
    const auto max = scaled(200);
    victim v("registry", {"--max-connections=" + std::to_string(max)});
    crowd silent;
    silent.add(v.port("registry"), max, "");
    check_served("all connections", ask(v.url("registry") + "/services"));
    CHECK(silent.silent() == max / 2);
    CHECK(silent.at(0).read_until_close().empty());  // for one of its own
    // It does not help to come again.
    crowd again;
    again.add(v.port("registry"), max, "GET /services?wait=10m HTTP/1.1\r\nHost: localhost\r\n\r\n");
    check_served("all connections again", ask(v.url("registry") + "/services"));
    CHECK(v.metric("registry", "distd_http_connections") <= static_cast<double>(max) / 2 + 2);
}

// Waits for changes on every connection there is.
TEST_CASE("one client that waits for changes on all connections gets half of them, and another is served") {
    const auto max = scaled(200);
    victim v("registry", {"--max-connections=" + std::to_string(max)});
    const auto before = v.resident_mib();
    crowd waiting;
    waiting.add(v.port("registry"), max,
                "GET /services/Books?index=1&wait=10m HTTP/1.1\r\nHost: localhost\r\n\r\n");
    check_served("waiting reads", ask(v.url("registry") + "/services"));
    CHECK(v.metric("registry", "distd_http_connections") <= static_cast<double>(max) / 2 + 2);
    CHECK(v.resident_mib() - before < 20 + 0.008 * static_cast<double>(max));
}
