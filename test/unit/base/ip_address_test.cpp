// IPv4 addresses are read as the system reads them.
#include "base/ip_address.hpp"

#include <catch2/catch.hpp>

using namespace distd;

namespace ip = boost::asio::ip;

TEST_CASE("an IPv4 address is what the system takes for one") {
    for (const char* text : {"0.0.0.0",
                             "1.2.3.4",
                             "255.255.255.255",
                             "10.0.12.250",
                             "127.0.0.1",
                             "",
                             ".",
                             "...",
                             "1.2.3",
                             "1.2.3.",
                             ".1.2.3",
                             "1..2.3",
                             "1.2.3.4.",
                             "1.2.3.4.5",
                             "01.2.3.4",
                             "1.2.3.04",
                             "00.0.0.0",
                             "1.2.3.256",
                             "1.2.3.999",
                             "1.2.3.4294967297",
                             "1.2.3.4 ",
                             " 1.2.3.4",
                             "1.2.3.-4",
                             "1.2.3.+4",
                             "0x1.2.3.4",
                             "1.2.3.a",
                             "localhost",
                             "1.2.3.4/8",
                             "::1",
                             "::ffff:1.2.3.4"}) {
        INFO(text);
        boost::system::error_code ec;
        const auto expected = ip::make_address_v4(text, ec);
        const auto read = parse_ipv4(text);
        REQUIRE(read.has_value() == !ec);
        if (read) CHECK(*read == expected);
    }
}

TEST_CASE("an address is IPv6 where it has a colon, and a name is none") {
    CHECK(parse_ip_address("::1") == ip::address(ip::address_v6::loopback()));
    CHECK(parse_ip_address("127.0.0.1") == ip::address(ip::address_v4::loopback()));
    CHECK_FALSE(parse_ip_address("localhost"));
    CHECK_FALSE(parse_ip_address("fe80"));
}
