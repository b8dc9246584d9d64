// What ACME requests are signed with, against the examples of the RFCs.
#include "acme/jose.hpp"

#include <catch2/catch.hpp>
#include <distd/json.hpp>
#include <stdexcept>

#include "acme/ec_key.hpp"
#include "base/digest.hpp"
#include "http/message/base64.hpp"

using namespace distd;
using namespace distd::acme;
using http::base64url_decode;
using http::base64url_encode;

namespace {

// The key of RFC 7515, appendix A.3.
constexpr auto rfc_x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr auto rfc_y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr auto rfc_d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";

// The example's numbers as OpenSSL reads a key.
std::string rfc_pem() {
    const auto bytes = [](const char* hex) {
        std::string out(std::string_view(hex).size() / 2, '\0');
        REQUIRE(from_hex(hex, {reinterpret_cast<unsigned char*>(out.data()), out.size()}));
        return out;
    };
    const std::string der =
        bytes("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420") +
        *base64url_decode(rfc_d) + bytes("a14403420004") + *base64url_decode(rfc_x) +
        *base64url_decode(rfc_y);
    return "-----BEGIN PRIVATE KEY-----\n" + http::base64_encode(der) + "\n-----END PRIVATE KEY-----\n";
}

std::string member(const std::string& text, const char* name) {
    json_error e;
    const auto v = parse_json(text, e);
    REQUIRE(v);
    return std::string(v->as_object().at(name).as_string());
}

}  // namespace

TEST_CASE("a key's public half is the JWK of RFC 7515, and its thumbprint is the hash of that text") {
    const ec_key key(rfc_pem());
    CHECK(jwk_of(key) ==
          std::string(R"({"crv":"P-256","kty":"EC","x":")") + rfc_x + R"(","y":")" + rfc_y + "\"}");
    CHECK(thumbprint_of(key) == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    CHECK(key_authorization("token", key) == "token." + thumbprint_of(key));
}

TEST_CASE("a signature is r and s, as in RFC 7515, A.3") {
    const ec_key key(rfc_pem());
    const std::string text =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9p"
        "c19yb290Ijp0cnVlfQ";
    const auto theirs = base64url_decode(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    REQUIRE(theirs);
    CHECK(key.verifies(text, *theirs));
    const auto ours = key.sign(text);
    CHECK(ours.size() == 64);
    CHECK(key.verifies(text, ours));
    CHECK_FALSE(key.verifies(text + "x", ours));
    CHECK_FALSE(key.verifies(text, ours.substr(1)));
}

TEST_CASE("a key is the same one after it was written and read, and no other kind is taken") {
    const auto key = ec_key::make();
    CHECK(jwk_of(ec_key(key.pem())) == jwk_of(key));
    CHECK(jwk_of(ec_key::make()) != jwk_of(key));
    CHECK_THROWS_AS(ec_key("no key"), std::runtime_error);
}

TEST_CASE("a request names the account once it has one, and carries the key before") {
    const auto key = ec_key::make();
    const auto first = signed_body(key, {"https://ca/new", "n1", ""}, R"({"a":1})");
    CHECK(*base64url_decode(member(first, "protected")) ==
          R"({"alg":"ES256","jwk":)" + jwk_of(key) + R"(,"nonce":"n1","url":"https://ca/new"})");
    CHECK(*base64url_decode(member(first, "payload")) == R"({"a":1})");
    CHECK(key.verifies(member(first, "protected") + "." + member(first, "payload"),
                       *base64url_decode(member(first, "signature"))));
    const auto later = signed_body(key, {"https://ca/o/1", "n2", "https://ca/a/7"}, "");
    CHECK(*base64url_decode(member(later, "protected")) ==
          R"({"alg":"ES256","kid":"https://ca/a/7","nonce":"n2","url":"https://ca/o/1"})");
    CHECK(member(later, "payload").empty());
}

TEST_CASE("an account is bound to one that the CA knows with HS256 over its key") {
    const auto key = ec_key::make();
    const auto mac_key = base64url_decode("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W");
    REQUIRE(mac_key);
    const auto bound = external_binding(key, "kid-1", *mac_key, "https://ca/new-account");
    const auto head = member(bound, "protected");
    const auto payload = member(bound, "payload");
    CHECK(*base64url_decode(head) == R"({"alg":"HS256","kid":"kid-1","url":"https://ca/new-account"})");
    CHECK(*base64url_decode(payload) == jwk_of(key));
    const auto mac = hmac_key(*mac_key).sign(head + "." + payload);
    CHECK(*base64url_decode(member(bound, "signature")) ==
          std::string(reinterpret_cast<const char*>(mac.data()), mac.size()));
}
