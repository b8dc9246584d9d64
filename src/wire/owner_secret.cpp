#include "wire/owner_secret.hpp"

#include "base/digest.hpp"

namespace distd::wire {

std::string problem_with_owner_secret(std::string_view secret) {
    if (secret.size() >= min_owner_secret && secret.size() <= max_owner_secret) return {};
    return std::string(owner_secret_header) + ": it has " + std::to_string(secret.size()) + " bytes; from " +
           std::to_string(min_owner_secret) + " to " + std::to_string(max_owner_secret) + " are right";
}

std::string hash_of_owner_secret(std::string_view secret) { return to_hex(sha256(secret)); }

signing_key owner_key_of(std::string_view secret) {
    return signing_key(sha256("distd owner key of " + std::string(secret)));
}

std::string owner_id_of(const signing_key& key) { return to_hex(key.verifier()); }

}  // namespace distd::wire
