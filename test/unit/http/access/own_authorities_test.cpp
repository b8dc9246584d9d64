#include "http/access/own_authorities.hpp"

#include <catch2/catch.hpp>

using namespace distd::http;
using boost::asio::ip::make_address;
using endpoint = boost::asio::ip::tcp::endpoint;

namespace {

const endpoint local(make_address("127.0.0.1"), 5005);
const endpoint public_one(make_address("192.0.2.2"), 5005);

}  // namespace

TEST_CASE("a server is called by the address of the connection, and by no other one") {
    const own_authorities own;
    CHECK(own.includes("127.0.0.1:5005", local));
    CHECK(own.includes("192.0.2.2:5005", public_one));
    CHECK(own.includes("192.0.2.2:5005", endpoint(make_address("::ffff:192.0.2.2"), 5005)));
    CHECK(own.includes("[::1]:5005", endpoint(make_address("::1"), 5005)));
    CHECK(own.includes("10.0.0.1", endpoint(make_address("10.0.0.1"), 80)));
    for (const auto* other : {"127.0.0.1:5006", "127.0.0.2:5005", "127.0.0.1", "[::1]:5005", "", ":5005",
                              "a:5005", "127.0.0.1:x", "127.0.0.1:65541"})
        CHECK_FALSE(own.includes(other, local));
}

TEST_CASE("localhost is this machine where the connection is of loopback") {
    const own_authorities own;
    CHECK(own.includes("localhost:5005", local));
    CHECK(own.includes("Web.Localhost:5005", local));
    CHECK_FALSE(own.includes("localhost:5006", local));
    CHECK_FALSE(own.includes("localhost:5005", public_one));
    CHECK_FALSE(own.includes("notlocalhost:5005", local));
}

TEST_CASE("names that were given are this server's: hosts on its port, authorities as they stand") {
    own_authorities own;
    own.add_host("Build-Machine");
    own.add_authority("portal.example:8080");
    own.add_authority("portal.example");
    CHECK(own.includes("build-machine:5005", public_one));
    CHECK(own.includes("build-machine.:5005", public_one));
    CHECK_FALSE(own.includes("build-machine:80", public_one));
    CHECK(own.includes("PORTAL.example:8080", local));
    CHECK(own.includes("portal.example", local));
    CHECK(own.includes("portal.example:80", local));
    CHECK_FALSE(own.includes("portal.example:5005", local));
}
