#include "wire/owner_secret.hpp"

#include <openssl/sha.h>

#include <array>

namespace distd::wire {

std::string problem_with_owner_secret(std::string_view secret) {
    if (secret.size() >= min_owner_secret && secret.size() <= max_owner_secret) return {};
    return std::string(owner_secret_header) + ": it has " + std::to_string(secret.size()) + " bytes; from " +
           std::to_string(min_owner_secret) + " to " + std::to_string(max_owner_secret) + " are right";
}

std::string hash_of_owner_secret(std::string_view secret) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes{};
    ::SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), bytes.data());
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 15U];
    }
    return hex;
}

}  // namespace distd::wire
