// Clients that begin a request and never end it.
#include <catch2/catch.hpp>

#include "abuse/abuse.hpp"

using namespace distd::test;

// Sends heads a field at a time, for ever.
TEST_CASE("clients that never finish their heads hold little memory and cost another client nothing") {
    victim v("registry");
    const auto before = v.resident_mib();
    crowd slow;
    slow.add(v.port("registry"), scaled(300), "GET /services HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    check_served("slow heads", ask(v.url("registry") + "/services"));
    CHECK(slow.silent() == slow.size());
    // A connection in the middle of a request has a buffer of 32 KiB, and some room beside it.
    CHECK(v.resident_mib() - before < 20 + 0.064 * static_cast<double>(slow.size()));
    slow.leave();
    CHECK(v.stop() == 0);
}
