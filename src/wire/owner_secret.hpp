// How the owner of a registration shows that it is the same again. Pure.
//
// Services of ours have a key and send proofs made with it (http/message/call_proof), so that nobody who
// listens at a registry's address, or gets hold of a call, can act as the owner afterwards. Simple clients
// may show a secret itself. Either way the registry keeps an id: the public key, or the SHA-256 of the
// secret, both in hex. It asks the instance itself for that id, so that nobody else can claim its URL.
#pragma once

#include <cstddef>
#include <string>

#include "base/signing_key.hpp"

namespace distd::wire {

inline constexpr std::string_view owner_proof_header = "X-Owner-Proof";
inline constexpr std::string_view owner_secret_header = "X-Owner-Secret";
inline constexpr std::size_t min_owner_secret = 16;
inline constexpr std::size_t max_owner_secret = 256;

// Behind it an owner's id: an instance answers 200 when that is its own, else 404.
inline constexpr std::string_view owner_path = "/.well-known/distd-owner/";

// Empty, or what is wrong and what would be right.
[[nodiscard]] std::string problem_with_owner_secret(std::string_view secret);

[[nodiscard]] std::string hash_of_owner_secret(std::string_view secret);  // SHA-256, in hex

// The key that belongs to a secret: who has the secret, such as an operator who reads the file that a service
// keeps it in, may act as the owner of what was registered with the key.
[[nodiscard]] signing_key owner_key_of(std::string_view secret);
[[nodiscard]] std::string owner_id_of(const signing_key&);

}  // namespace distd::wire
