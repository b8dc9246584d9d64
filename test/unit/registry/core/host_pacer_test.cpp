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

TEST_CASE("spellings of an address, and the addresses of one IPv6 network, are one host") {
    const steady_point now{1h};
    const auto same = [&](const std::string& a, const std::string& b) {
        INFO(a << " " << b);
        host_pacer pacer(1);
        auto first = pacer.place_at("http://" + a + "/h");
        auto second = pacer.place_at("http://" + b + "/h");
        static_cast<void>(first.next_turn(now));
        static_cast<void>(first.next_turn(now));
        return second.next_turn(now) != steady_point::min();
    };
    CHECK(same("10.0.0.5:1", "10.0.0.5.:2"));
    CHECK(same("10.0.0.5:1", "[::ffff:10.0.0.5]:1"));
    CHECK(same("10.0.0.5:1", "[::FFFF:A00:5]"));
    CHECK(same("[2001:db8::1]:1", "[2001:0db8:0::ffff:2]:1"));
    CHECK(same("a.example", "A.example.:7"));
    CHECK_FALSE(same("[2001:db8::1]:1", "[2001:db8:0:1::1]:1"));
    CHECK_FALSE(same("a.example", "b.example"));
    CHECK_FALSE(same("127.0.0.1", "127.evil.example"));
}

TEST_CASE("names that lead to one address share its turns, with that address itself") {
    host_pacer pacer(2);
    steady_point now{1h};
    const auto victim = boost::asio::ip::make_address("10.0.0.5");
    std::vector<host_pacer::place> names;
    for (int i = 0; i < 100; ++i) {
        names.push_back(pacer.place_at("http://x" + std::to_string(i) + ".evil/"));
        REQUIRE(names.back().is_name());
        pacer.leads_to(names.back(), {boost::asio::ip::make_address("10.0.0.6"), victim});
    }
    int at_once = 0;
    for (auto& n : names) at_once += n.next_turn(now) == steady_point::min() ? 1 : 0;
    CHECK(at_once == 3);
    auto literal = pacer.place_at("http://10.0.0.5/");
    CHECK_FALSE(literal.is_name());
    CHECK(literal.next_turn(now) > now);
    // Whoever registers under the same name again begins where it was.
    auto again = pacer.place_at("http://x1.evil/");
    CHECK(again.next_turn(now) > now);
}

TEST_CASE("single calls to a host have a bound a second, too, however long each takes") {
    host_pacer pacer(2);
    steady_point now{1h};
    const auto victim = boost::asio::ip::make_address("10.0.0.5");
    int taken = 0;
    for (int i = 0; i < 100; ++i)
        taken += pacer.take_one("http://x" + std::to_string(i) + ".evil/", {victim}, now) ? 1 : 0;
    CHECK(taken == 3);
    CHECK(pacer.take_one("http://10.0.0.7/", {}, now));
    now += 500ms;
    CHECK(pacer.take_one("http://10.0.0.5/", {}, now));
    CHECK_FALSE(pacer.take_one("http://10.0.0.5/", {}, now));
}
