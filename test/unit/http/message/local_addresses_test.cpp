#include "http/message/local_addresses.hpp"

#include <boost/asio/ip/host_name.hpp>
#include <catch2/catch.hpp>

using namespace distd;

namespace {

std::string place(const std::string& text) {
    const auto where = http::split_peer_url(text);
    REQUIRE(where);
    return http::local_addresses().place_of(*where);
}

}  // namespace

TEST_CASE("all the names of this machine are one place, its ports are not") {
    const auto here = place("http://127.0.0.1:3000");
    for (const auto* host : {"localhost", "LOCALHOST.", "a.localhost", "127.9.9.9", "[::1]",
                             "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"})
        CHECK(place("http://" + std::string(host) + ":3000/path") == here);
    CHECK(place("http://" + boost::asio::ip::host_name() + ":3000") == here);
    CHECK(place("http://127.0.0.1:3001") != here);
}

TEST_CASE("so are the addresses of its network interfaces, also where these cannot be listed") {
    const auto interfaces = http::local_addresses::of_interfaces();
    REQUIRE(interfaces);
    CHECK(interfaces->contains(boost::asio::ip::make_address("127.0.0.1")));
    const auto is_listed = GENERATE(true, false);
    const http::local_addresses machine(is_listed ? interfaces : std::nullopt);
    for (const auto& address : *interfaces) {
        if (address.is_v6() && address.to_v6().is_link_local()) continue;  // unreachable without its zone
        CAPTURE(is_listed, address.to_string());
        CHECK(machine.is_own(address));
        CHECK(machine.place_of({address, 3000}) == place("http://127.0.0.1:3000"));
    }
    using boost::asio::ip::make_address;
    for (const auto* other : {"198.51.100.7", "::ffff:198.51.100.7", "2001:db8::7", "224.0.0.1", "ff02::1"})
        CHECK_FALSE(machine.is_own(make_address(other)));
}

TEST_CASE("another host is another place, under each of its names") {
    CHECK(place("http://192.0.2.7:3000") == place("http://[::ffff:192.0.2.7]:3000"));
    CHECK(place("http://192.0.2.7:3000") != place("http://192.0.2.8:3000"));
    CHECK(place("http://elsewhere:3000") != place("http://localhost:3000"));
}

TEST_CASE("where a connection leads to is the same place as the URL that names it") {
    const http::local_addresses machine;
    using boost::asio::ip::make_address;
    CHECK(machine.place_of({make_address("127.0.0.1"), 3000}) == place("http://localhost:3000"));
    CHECK(machine.place_of({make_address("::ffff:127.0.0.1"), 3000}) == place("http://localhost:3000"));
    CHECK(machine.place_of({make_address("192.0.2.7"), 3000}) == place("http://192.0.2.7:3000"));
    CHECK(machine.is_own_host("localhost."));
    CHECK_FALSE(machine.is_own_host("elsewhere"));
}
