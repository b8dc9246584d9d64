#include "http/access/authorization.hpp"

#include "http/message/auth_scheme.hpp"
#include "http/message/base64.hpp"
#include "http/message/call_proof.hpp"

namespace distd::http {

std::string secret_in(std::string_view field) {
    if (has_scheme(field, "Bearer")) return std::string(field.substr(7));
    if (!has_scheme(field, "Basic")) return {};
    const auto decoded = base64_decode(field.substr(6)).value_or(std::string());
    const auto colon = decoded.find(':');
    return colon == std::string::npos ? std::string() : decoded.substr(colon + 1);
}

std::string key_id_in(std::string_view field) {
    if (has_scheme(field, proof_scheme)) {
        auto proof = call_proof::parse(field);
        return proof ? std::move(proof->key) : std::string();
    }
    const auto secret = secret_in(field);
    return secret.empty() ? std::string() : key_id_of(secret);
}

}  // namespace distd::http
