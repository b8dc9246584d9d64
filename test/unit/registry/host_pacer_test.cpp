#include <catch2/catch.hpp>

#include "role/registry/core/host_pacer.hpp"

using namespace distd;
using namespace std::chrono_literals;
using namespace distd::registry;

TEST_CASE("probes to one host are spaced after a burst, and a reserved time is granted once") {
    host_pacer pacer(2);
    constexpr auto at_once = steady_point::min();
    steady_point now{1h};
    auto a = pacer.place_at("http://A.example:1/heartbeat");
    auto b = pacer.place_at("http://a.example:2/other");
    auto elsewhere = pacer.place_at("http://b.example/");
    // A second's worth at once, and the one that is due now.
    for (int i = 0; i < 3; ++i) CHECK(a.next_turn(now) == at_once);
    CHECK(b.next_turn(now) == now + 500ms);
    CHECK(elsewhere.next_turn(now) == at_once);
    CHECK(a.next_turn(now) == now + 1s);
    now += 500ms;
    CHECK(b.next_turn(now) == at_once);
    CHECK(b.next_turn(now) == now + 1s);
}

TEST_CASE("loopback has ten times as many probes a second, and without a bound nobody waits") {
    const steady_point now{1h};
    for (const auto* url : {"http://127.0.0.1:1/h", "http://[::1]:1/h", "http://localhost/h"}) {
        host_pacer pacer(1);
        auto p = pacer.place_at(url);
        for (int i = 0; i < 11; ++i) CHECK(p.next_turn(now) == steady_point::min());
        CHECK(p.next_turn(now) == now + 100ms);
    }
    host_pacer unbounded(0);
    auto p = unbounded.place_at("http://a.example/");
    for (int i = 0; i < 100; ++i) CHECK(p.next_turn(now) == steady_point::min());
}
