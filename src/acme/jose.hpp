// The JSON Web Signatures that ACME requests are (RFC 7515, 7638, 8555): JWK, thumbprint, the signed body of
// a request, and the proof that an account belongs to somebody whom the CA knows already. Pure.
#pragma once

#include <string>
#include <string_view>

#include "acme/ec_key.hpp"

namespace distd::acme {

// The public half, as RFC 7638 hashes it: its members in order, without blanks.
[[nodiscard]] std::string jwk_of(const ec_key&);
[[nodiscard]] std::string thumbprint_of(const ec_key&);
// What a CA looks for at a challenge's address: that its token reached whoever has the account's key.
[[nodiscard]] std::string key_authorization(std::string_view token, const ec_key& account);

struct signed_header {
    std::string url;    // of the request itself
    std::string nonce;  // of the CA, good once
    std::string kid;    // the account's URL; empty: the key itself stands there, as when it has none yet
};
// The body of a POST: flattened JSON. `payload`: JSON text; empty for POST-as-GET.
[[nodiscard]] std::string signed_body(const ec_key& account, const signed_header&, std::string_view payload);

// What a new account shows where the CA wants one that is known to it (RFC 8555, section 7.3.4): HS256 with
// the key that it gave out. `mac_key`: its bytes. `url`: of the request for the account.
[[nodiscard]] std::string external_binding(const ec_key& account, std::string_view kid,
                                           std::string_view mac_key, std::string_view url);

}  // namespace distd::acme
