// Certificates that are made here, as others read them.
#include "acme/certificates.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "http/transport/tls_context.hpp"

using namespace distd;
using namespace distd::acme;
using std::chrono::hours;

namespace {

const wall_point now{seconds(1'800'000'000)};

authority make_root() {
    auto key = ec_key::make();
    auto certificate = make_certificate(
        {.subject = "root", .from = now - hours(1), .until = now + hours(1000), .is_authority = true}, key);
    return {std::move(certificate), std::move(key)};
}

}  // namespace

TEST_CASE("who trusts an authority of one's own trusts what it signs, for its names only") {
    const auto root = make_root();
    const auto key = ec_key::make();
    const auto leaf = make_certificate({.names = {"localhost", "127.0.0.1", "::1"},
                                        .subject = "localhost",
                                        .from = now - hours(1),
                                        .until = now + hours(24)},
                                       key, &root);
    const auto pair = key.pem() + leaf;
    const http::tls_certificate shown(pair, pair);
    CHECK(shown.facts().names == std::vector<std::string>{"localhost", "127.0.0.1", "::1"});
    CHECK(shown.facts().issuer == "CN=root");
    const http::tls_client client(root.certificate);
    CHECK(client.distrust(shown, "localhost", now).empty());
    CHECK(client.distrust(shown, "127.0.0.1", now).empty());
    CHECK_FALSE(client.distrust(shown, "shop.example", now).empty());
    CHECK_FALSE(client.distrust(shown, "localhost", now + hours(25)).empty());
    CHECK_FALSE(http::tls_client(make_root().certificate).distrust(shown, "localhost", now).empty());
}

TEST_CASE("a certificate's name at its CA is its issuer's key and its serial number, as RFC 9773 has it") {
    const auto root = make_root();
    const auto leaf =
        make_certificate({.names = {"a.example"}, .subject = "a", .from = now, .until = now + hours(1)},
                         ec_key::make(), &root);
    const auto id = renewal_id_of(leaf);
    const auto dot = id.find('.');
    REQUIRE(dot != id.npos);
    CHECK(dot == 27);                  // 20 bytes of the issuer's key id
    CHECK(id.size() - dot - 1 == 22);  // 16 of the serial number
    CHECK(id.find('=') == id.npos);
    CHECK(renewal_id_of(
              make_certificate({.subject = "own", .from = now, .until = now + hours(1)}, ec_key::make()))
              .empty());
    CHECK_THROWS_AS(renewal_id_of("no certificate"), std::runtime_error);
}

TEST_CASE("host names are lower case, without a wildcard, and nothing that a path could be") {
    for (const auto* name : {"localhost", "shop.example", "a-b.c1.example"}) CHECK(is_host_name(name));
    for (const auto* name :
         {"", "Shop.example", "*.example", "a..b", ".a", "a.", "a/b", "../a", "a b", "a,b"})
        CHECK_FALSE(is_host_name(name));
}
