#include "base/source_name.hpp"

#include <catch2/catch.hpp>
#include <string>

using distd::source_name;

namespace {
std::string name_of(const std::string& address) { return std::string(source_name(address).text()); }
}  // namespace

TEST_CASE("all of loopback is one source, however it is written") {
    for (const auto* a : {"127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "::ffff:127.0.0.1",
                          "::ffff:127.9.9.9", "0:0:0:0:0:0:0:1", "::ffff:7f00:1"}) {
        CAPTURE(a);
        CHECK(name_of(a) == "loopback");
    }
}

TEST_CASE("an IPv4 address is a source, also where it is mapped into IPv6") {
    CHECK(name_of("192.0.2.1") == "192.0.2.1");
    CHECK(name_of("::ffff:192.0.2.1") == "192.0.2.1");
    CHECK(name_of("12.7.0.1") == "12.7.0.1");
}

TEST_CASE("the addresses of an IPv6 network of 64 bits are one source") {
    const auto network = name_of("2001:db8:0:1::1");
    CHECK(name_of("2001:db8:0:1:ffff::9") == network);
    CHECK(name_of("2001:DB8:0:1::7%eth0") == network);
    CHECK(name_of("2001:db8:0:2::1") != network);
    CHECK(name_of("fe80::1%lo") == name_of("fe80::2"));
}

TEST_CASE("what is no address is a source by itself") {
    CHECK(name_of("unknown") == "unknown");
    CHECK(name_of("") == "");
    CHECK(name_of("a:b") == "a:b");
    CHECK(name_of(std::string(300, ':')) == std::string(300, ':'));
}
