#include "http/access/allowed_hosts.hpp"

#include <catch2/catch.hpp>

using distd::http::allowed_hosts;

TEST_CASE("addresses, localhost and all below it are answered, whatever else is") {
    const allowed_hosts none;
    for (const auto* host :
         {"127.0.0.1", "127.0.0.1:3000", "10.1.2.3:80", "[::1]", "[::1]:3000", "[fe80::1]", "localhost",
          "LocalHost:3000", "localhost.", "registry.localhost", "a.b.localhost:1"}) {
        CAPTURE(host);
        CHECK(none.allows(host));
    }
}

TEST_CASE("any other name is not, also one that looks like an address or begins or ends like ours") {
    const allowed_hosts ours({"distd.example"});
    for (const auto* host :
         {"evil.example", "evil.example:3000", "localhost.evil.example", "evillocalhost",
          "127.0.0.1.evil.example", "127.0.0.1.", "1.2.3", "1.2.3.4.5", "0x7f.1", "2130706433", "256.1.1.1",
          "[zz]", "::1", "distd.example.evil", "notdistd.example", "a.distd.example", "127.0.0.1:80:80",
          ".localhost.evil", ""}) {
        CAPTURE(host);
        CHECK_FALSE(ours.allows(host));
    }
}

TEST_CASE("the names that were given are answered, in any letter case, with any port") {
    const allowed_hosts ours({"Distd.Example", "*.shop.example"});
    for (const auto* host :
         {"distd.example", "DISTD.example:5005", "distd.example.", "a.shop.example", "b.a.shop.example:80"}) {
        CAPTURE(host);
        CHECK(ours.allows(host));
    }
    CHECK_FALSE(ours.allows("shop.example"));
    CHECK_FALSE(ours.allows("evilshop.example"));
    CHECK(allowed_hosts({"*"}).allows("anything.example"));
}

TEST_CASE("what is no host name is refused with what would be one") {
    for (const auto* good : {"a", "distd.example.org", "*.example.org", "*", "xn--bcher-kva.example"})
        CHECK(allowed_hosts::fault_in(good).empty());
    for (const auto* bad : {"", "http://a", "a:80", "a b", "a/b", "*a", "a.*.b", "[::1]", "*."}) {
        CAPTURE(bad);
        CHECK_FALSE(allowed_hosts::fault_in(bad).empty());
    }
}
