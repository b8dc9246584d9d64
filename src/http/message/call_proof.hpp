// The proof that a call comes from somebody who has a token, without showing the token: a signature over what
// the call is, to whom, when, and which of its sender's calls. Whoever gets it cannot use it anywhere else,
// nor again. Pure.
//
//   Authorization: Distd-Proof key=1f0c3d9a, time=1795262400123, nonce=5a0e...-17, body=9f86..., mac=7d8a...
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
    std::string key;           // which token it was made with: the first digits of a digest of it
    std::int64_t time_ms = 0;  // since 1970, by the sender's clock
    std::uint64_t sender = 0;  // the sending process, in this life
    std::uint64_t number = 0;  // of its calls
    std::optional<digest> body;
    digest mac{};

    // The value of an Authorization field; nothing for what is not well-formed.
    [[nodiscard]] static std::optional<call_proof> parse(std::string_view field);
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string signed_text(const proven_call&) const;
};

[[nodiscard]] std::string key_id_of(std::string_view token);

}  // namespace distd::http
