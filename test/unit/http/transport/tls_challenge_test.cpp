// What a CA is shown that validates a name by TLS-ALPN-01, and nobody else.
#include <openssl/ssl.h>

#include "unit/http/transport/tls_fixture.hpp"

using namespace distd;
using namespace distd::test;
using namespace std::string_literals;

namespace {

struct scene : tls_fixture {
    std::string shown_to(const tls_wish& wish) {
        auto e = meet(wish);
        e.shake_hands();
        agreed = e.peer.protocol();
        return e.peer.is_open() ? e.peer.certificate_sha256() : std::string();
    }

    const std::string acme =
        "\x0a"
        "acme-tls/1";
    const test_certificate proof{{.names = {"shop.example"}, .subject = "proof"}};
    std::string agreed;
};

}  // namespace

TEST_CASE_METHOD(scene, "a challenge is shown to who names its host and offers ACME's protocol alone") {
    const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    const auto usual = any_certificate().sha256();
    server.show_challenges(http::tls_challenges{{"shop.example", shown(proof)}});
    tls_wish ca{
        .server_name = "shop.example", .min_version = version, .max_version = version, .protocols = acme};
    CHECK(shown_to(ca) == proof.sha256());
    CHECK(agreed == "acme-tls/1");
    // Browsers, clients that offer both, and those who name another host.
    CHECK(shown_to({.server_name = "shop.example", .protocols = "\x08http/1.1"s}) == usual);
    CHECK(agreed == "http/1.1");
    CHECK(shown_to({.server_name = "shop.example", .protocols = acme + "\x08http/1.1"s}) == usual);
    CHECK(agreed == "http/1.1");
    CHECK(shown_to({.server_name = "shop.example"}) == usual);
    ca.server_name = "other.example";
    CHECK(shown_to(ca).empty());
    ca.server_name.clear();
    CHECK(shown_to(ca).empty());
}

TEST_CASE_METHOD(scene, "once nothing is asked any more ACME's protocol is none that is spoken") {
    const tls_wish ca{.server_name = "shop.example", .protocols = acme};
    CHECK(shown_to(ca).empty());
    server.show_challenges(http::tls_challenges{{"shop.example", shown(proof)}});
    server.use({shown(any_certificate())});  // a certificate that is exchanged meanwhile changes nothing
    CHECK(shown_to(ca) == proof.sha256());
    server.show_challenges(http::tls_challenges());
    CHECK(shown_to(ca).empty());
}
