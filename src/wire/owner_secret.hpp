// The secret of a registration's owner: whoever shows it again is the same. Only its SHA-256 is kept, and
// shown to the registry by the instance itself, so that nobody else can claim its URL. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace distd::wire {

inline constexpr std::string_view owner_secret_header = "X-Owner-Secret";
inline constexpr std::size_t min_owner_secret = 16;
inline constexpr std::size_t max_owner_secret = 256;

// Behind it the hash of a secret, in hex: an instance answers 200 when that is its own, else 404.
inline constexpr std::string_view owner_path = "/.well-known/distd-owner/";

// Empty, or what is wrong and what would be right.
[[nodiscard]] std::string problem_with_owner_secret(std::string_view secret);

[[nodiscard]] std::string hash_of_owner_secret(std::string_view secret);  // SHA-256, in hex

}  // namespace distd::wire
