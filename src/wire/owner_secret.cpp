#include "wire/owner_secret.hpp"

#include "base/digest.hpp"

namespace distd::wire {

std::string problem_with_owner_secret(std::string_view secret) {
    if (secret.size() >= min_owner_secret && secret.size() <= max_owner_secret) return {};
    return std::string(owner_secret_header) + ": it has " + std::to_string(secret.size()) + " bytes; from " +
           std::to_string(min_owner_secret) + " to " + std::to_string(max_owner_secret) + " are right";
}

std::string hash_of_owner_secret(std::string_view secret) { return to_hex(sha256(secret)); }

}  // namespace distd::wire
