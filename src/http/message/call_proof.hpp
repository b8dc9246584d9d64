// The proof that a call comes from somebody who has a key, without showing the key: a signature over what the
// call is, to whom, when, and which of its sender's calls. Whoever gets it cannot use it anywhere else, nor
// again. Pure. The key is an access token, or that of a registration's owner (X-Owner-Proof):
//
//   Authorization: Distd-Proof key=1f0c3d9a, time=1795262400123, nonce=5a0e...-17, body=9f86..., mac=7d8a...
//   X-Owner-Proof: Distd-Proof key=8a1c..., time=1795262400123, nonce=5a0e...-18, body=9f86..., mac=c2f7...
//
// `body` is the SHA-256 of the body, or `-`: not covered, where it is sent while it is still coming in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"

namespace distd::http {

inline constexpr std::string_view proof_scheme = "Distd-Proof";

// What is signed, besides the proof's own fields.
struct proven_call {
    std::string_view method;
    std::string_view target;     // as the request line has it
    std::string_view authority;  // as the Host field has it
};

struct call_proof {
    std::string key;           // a token: the first digits of a digest of it; an owner's: its public key
    std::int64_t time_ms = 0;  // since 1970, by the sender's clock
    std::uint64_t sender = 0;  // the sending process, in this life
    std::uint64_t number = 0;  // of its calls
    std::optional<digest> body;
    std::string mac;  // in hex: HMAC-SHA-256 by a token, an Ed25519 signature by an owner's key

    // The value of a field; nothing for what is not well-formed.
    [[nodiscard]] static std::optional<call_proof> parse(std::string_view field);
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string signed_text(const proven_call&) const;
};

[[nodiscard]] std::string key_id_of(std::string_view token);

}  // namespace distd::http
