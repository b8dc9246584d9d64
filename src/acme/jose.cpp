#include "acme/jose.hpp"

#include "base/digest.hpp"
#include "base/json_member.hpp"
#include "http/message/base64.hpp"

namespace distd::acme {
namespace {

using http::base64url_encode;

std::string_view text_of(const digest& d) { return {reinterpret_cast<const char*>(d.data()), d.size()}; }

std::string flattened(const std::string& head, const std::string& payload, std::string_view signature) {
    std::string out = "{";
    append_json_member(out, "protected", head);
    append_json_member(out, "payload", payload);
    append_json_member(out, "signature", base64url_encode(signature));
    return out + "}";
}

}  // namespace

std::string jwk_of(const ec_key& key) {
    const auto p = key.public_point();
    std::string out = "{";
    append_json_member(out, "crv", "P-256");
    append_json_member(out, "kty", "EC");
    append_json_member(out, "x", base64url_encode(p.x));
    append_json_member(out, "y", base64url_encode(p.y));
    return out + "}";
}

std::string thumbprint_of(const ec_key& key) { return base64url_encode(text_of(sha256(jwk_of(key)))); }

std::string key_authorization(std::string_view token, const ec_key& account) {
    return std::string(token) + "." + thumbprint_of(account);
}

std::string signed_body(const ec_key& account, const signed_header& h, std::string_view payload) {
    std::string head = "{";
    append_json_member(head, "alg", "ES256");
    if (h.kid.empty())
        head += ",\"jwk\":" + jwk_of(account);
    else
        append_json_member(head, "kid", h.kid);
    append_json_member(head, "nonce", h.nonce);
    append_json_member(head, "url", h.url);
    head = base64url_encode(head + "}");
    const auto body = base64url_encode(payload);
    return flattened(head, body, account.sign(head + "." + body));
}

std::string external_binding(const ec_key& account, std::string_view kid, std::string_view mac_key,
                             std::string_view url) {
    std::string head = "{";
    append_json_member(head, "alg", "HS256");
    append_json_member(head, "kid", kid);
    append_json_member(head, "url", url);
    head = base64url_encode(head + "}");
    const auto body = base64url_encode(jwk_of(account));
    return flattened(head, body, text_of(hmac_key(mac_key).sign(head + "." + body)));
}

}  // namespace distd::acme
