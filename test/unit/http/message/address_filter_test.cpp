#include "http/message/address_filter.hpp"

#include <catch2/catch.hpp>

using distd::http::address_filter;
using strings = std::vector<std::string>;

namespace {

address_filter made_of(const strings& rules) {
    std::string error;
    auto made = address_filter::parse(rules, error);
    INFO(error);
    REQUIRE(made);
    return *made;
}

bool allows(const strings& rules, const char* address) {
    return made_of(rules).allows(boost::asio::ip::make_address(address));
}

std::string error_of(const std::string& rule) {
    std::string error;
    CHECK_FALSE(address_filter::parse({"loopback", rule}, error));
    return error;
}

}  // namespace

TEST_CASE("loopback is 127.0.0.0/8 and ::1, also when it is dressed as IPv6, and nothing else") {
    for (const auto* a : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"})
        CHECK(allows({"loopback"}, a));
    for (const auto* a : {"128.0.0.1", "126.255.255.255", "10.0.0.1", "0.0.0.0", "::", "::2",
                          "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0.0.0.0", "fe80::1"})
        CHECK_FALSE(allows({"loopback"}, a));
}

TEST_CASE("private is what private networks use, and not where clouds hand out credentials") {
    for (const auto* a : {"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1",
                          "fc00::1", "fd12::1", "::ffff:192.168.1.1"})
        CHECK(allows({"private"}, a));
    for (const auto* a :
         {"127.0.0.1", "11.0.0.1", "172.15.255.255", "172.32.0.0", "192.169.0.1", "169.254.169.254",
          "::ffff:169.254.169.254", "fd00:ec2::254", "fe00::1", "100.64.0.1", "8.8.8.8"})
        CHECK_FALSE(allows({"private"}, a));
    // Amazon's for pods, Google's by IPv6, Scaleway's.
    for (const auto* a : {"fd00:ec2::23", "fd20:ce::254", "fd00:42::42"})
        for (const auto* rule : {"private", "any"}) {
            INFO(rule << " " << a);
            CHECK_FALSE(allows({rule}, a));
        }
}

TEST_CASE("any is every address of one host, and none that is never meant") {
    for (const auto* a : {"8.8.8.8", "127.0.0.1", "10.0.0.1", "2001:db8::1", "::1"})
        CHECK(allows({"any"}, a));
    for (const auto* a : {"0.0.0.0",
                          "0.1.2.3",
                          "::",
                          "169.254.169.254",
                          "169.254.1.1",
                          "fe80::1",
                          "224.0.0.1",
                          "ff02::1",
                          "255.255.255.255",
                          "::ffff:169.254.169.254",
                          "fd00:ec2::254",
                          "100.100.100.200",
                          "64:ff9b::169.254.169.254",
                          "2002:a9fe:a9fe::1",
                          "64:ff9b::0.0.0.0",
                          "168.63.129.16",
                          "::ffff:168.63.129.16",
                          "64:ff9b::168.63.129.16",
                          "64:ff9b:1::169.254.169.254",
                          "64:ff9b:1:a9fe:a9:fe00:808:808"}) {
        INFO(a);
        CHECK_FALSE(allows({"any"}, a));
    }
    for (const auto* a : {"64:ff9b::8.8.8.8", "2002:808:808::1"}) CHECK(allows({"any"}, a));
}

TEST_CASE("a network is exactly its addresses, and one address is itself") {
    CHECK(allows({"10.1.0.0/16"}, "10.1.255.255"));
    CHECK(allows({"10.1.0.0/16"}, "::ffff:10.1.2.3"));
    CHECK_FALSE(allows({"10.1.0.0/16"}, "10.2.0.0"));
    CHECK(allows({"10.1.2.128/25"}, "10.1.2.200"));
    CHECK_FALSE(allows({"10.1.2.128/25"}, "10.1.2.127"));
    CHECK(allows({"192.0.2.7"}, "192.0.2.7"));
    CHECK_FALSE(allows({"192.0.2.7"}, "192.0.2.6"));
    CHECK(allows({"2001:db8::/33"}, "2001:db8:7fff::1"));
    CHECK_FALSE(allows({"2001:db8::/33"}, "2001:db8:8000::1"));
    CHECK(allows({"::ffff:10.0.0.0/104"}, "10.9.9.9"));
    CHECK(allows({"169.254.169.254"}, "169.254.169.254"));  // who says so means it
    CHECK(allows({"loopback", "10.0.0.1/32"}, "10.0.0.1"));
    CHECK_FALSE(allows({}, "127.0.0.1"));
    CHECK(made_of({"loopback", "10.0.0.1/32"}).text() == "loopback,10.0.0.1/32");
}

TEST_CASE("a rule that is none is refused with what would be right") {
    using Catch::Contains;
    for (const auto* rule :
         {"", "local", "10.0.0", "10.0.0.0.0", "fe80::1%eth0", "10.0.0.1:80", "/8", "[::1]"}) {
        INFO(rule);
        CHECK_THAT(error_of(rule), Contains("loopback, private and any"));
    }
    for (const auto* rule :
         {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/8x", "::/129", "10.0.0.0/-1"}) {
        INFO(rule);
        CHECK_THAT(error_of(rule), Contains("number of bits"));
    }
    for (const auto* rule : {"0.0.0.0/0", "::/0"}) CHECK_THAT(error_of(rule), Contains("any says so"));
}
