#include "http/access/own_names.hpp"

#include <catch2/catch.hpp>

using boost::asio::ip::make_address;
using distd::http::own_names;
using endpoint = boost::asio::ip::tcp::endpoint;

namespace {

own_names of(const std::vector<std::string>& hosts) {
    own_names names;
    for (const auto& host : hosts) names.add_host(host);
    return names;
}

const endpoint local(make_address("127.0.0.1"), 5005);
const endpoint public_one(make_address("192.0.2.2"), 5005);

}  // namespace

TEST_CASE("addresses, localhost and all below it are answered, whatever else is") {
    const own_names none;
    for (const auto* host :
         {"127.0.0.1", "127.0.0.1:3000", "10.1.2.3:80", "[::1]", "[::1]:3000", "[fe80::1]", "localhost",
          "LocalHost:3000", "localhost.", "registry.localhost", "a.b.localhost:1"}) {
        CAPTURE(host);
        CHECK(none.answers(host));
    }
}

TEST_CASE("any other name is not, also one that looks like an address or begins or ends like ours") {
    const auto ours = of({"distd.example"});
    for (const auto* host :
         {"evil.example", "evil.example:3000", "localhost.evil.example", "evillocalhost",
          "127.0.0.1.evil.example", "127.0.0.1.", "1.2.3", "1.2.3.4.5", "0x7f.1", "2130706433", "256.1.1.1",
          "[zz]", "::1", "distd.example.evil", "notdistd.example", "a.distd.example", "127.0.0.1:80:80",
          ".localhost.evil", ""}) {
        CAPTURE(host);
        CHECK_FALSE(ours.answers(host));
    }
}

TEST_CASE("the names that were given are answered, in any letter case, with any port") {
    const auto ours = of({"Distd.Example", "*.shop.example"});
    for (const auto* host :
         {"distd.example", "DISTD.example:5005", "distd.example.", "a.shop.example", "b.a.shop.example:80"}) {
        CAPTURE(host);
        CHECK(ours.answers(host));
    }
    CHECK_FALSE(ours.answers("shop.example"));
    CHECK_FALSE(ours.answers("evilshop.example"));
    CHECK(of({"*"}).answers("anything.example"));
}

TEST_CASE("what is no host name is refused with what would be one") {
    for (const auto* good : {"a", "distd.example.org", "*.example.org", "*", "xn--bcher-kva.example"})
        CHECK(own_names::fault_in(good).empty());
    for (const auto* bad : {"", "http://a", "a:80", "a b", "a/b", "*a", "a.*.b", "[::1]", "*."}) {
        CAPTURE(bad);
        CHECK_FALSE(own_names::fault_in(bad).empty());
    }
}

TEST_CASE("a server is called by the address of the connection, and by no other one") {
    const own_names own;
    CHECK(own.is_called("127.0.0.1:5005", local));
    CHECK(own.is_called("192.0.2.2:5005", public_one));
    CHECK(own.is_called("192.0.2.2:5005", endpoint(make_address("::ffff:192.0.2.2"), 5005)));
    CHECK(own.is_called("[::1]:5005", endpoint(make_address("::1"), 5005)));
    CHECK(own.is_called("10.0.0.1", endpoint(make_address("10.0.0.1"), 80)));
    for (const auto* other : {"127.0.0.1:5006", "127.0.0.2:5005", "127.0.0.1", "[::1]:5005", "", ":5005",
                              "a:5005", "127.0.0.1:x", "127.0.0.1:65541"})
        CHECK_FALSE(own.is_called(other, local));
}

TEST_CASE("localhost is this machine where the connection is of loopback") {
    const own_names own;
    CHECK(own.is_called("localhost:5005", local));
    CHECK(own.is_called("Web.Localhost:5005", local));
    CHECK_FALSE(own.is_called("localhost:5006", local));
    CHECK_FALSE(own.is_called("localhost:5005", public_one));
    CHECK_FALSE(own.is_called("notlocalhost:5005", local));
}

TEST_CASE("names that were given are this server's: hosts on its port, authorities as they stand") {
    own_names own;
    own.add_host("Build-Machine");
    own.add_authority("portal.example:8080");
    own.add_authority("portal.example");
    CHECK(own.is_called("build-machine:5005", public_one));
    CHECK(own.is_called("build-machine.:5005", public_one));
    CHECK_FALSE(own.is_called("build-machine:80", public_one));
    CHECK(own.is_called("PORTAL.example:8080", local));
    CHECK(own.is_called("portal.example", local));
    CHECK(own.is_called("portal.example:80", local));
    CHECK_FALSE(own.is_called("portal.example:5005", local));
}

TEST_CASE("each kind of name counts where it was added for: patterns and aliases in Host fields only") {
    auto names = of({"*.example", "*"});
    names.add_alias("short");
    CHECK(names.answers("short"));
    CHECK_FALSE(names.is_called("short:5005", public_one));
    CHECK_FALSE(names.is_called("a.example:5005", public_one));
    own_names advertised;
    advertised.add_authority("portal.example:8080");
    CHECK_FALSE(advertised.answers("portal.example:8080"));
    CHECK(own_names::any().answers("anything.example"));
    CHECK_FALSE(own_names::any().is_called("anything.example:5005", public_one));
}
