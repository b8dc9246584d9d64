// Who made a registration, and who may change it. Pure.
//
// A registration is its registrant's: of whoever shows the same secret, once the instance itself has shown
// that it knows that secret too; else, as in the base protocol, of everybody who calls from the machine that
// it came from. Holders of an access token are operators, and may as well.
#pragma once

#include <cstdint>
#include <string>

namespace distd::registry {

struct registrant {
    std::string source;         // the address that it came from; empty: kept from before these were noted
    std::string secret_hash{};  // of its owner's secret; empty: it has shown none
    bool has_proven_secret =
        false;                   // the instance at its URL has shown that hash: only who has the secret is it
    bool is_vouched_for = true;  // it came from the machine that its URL leads to, or from an operator

    // Whether the URL is the registrant's own, and not somebody else's that may not want to be found there.
    [[nodiscard]] bool owns_url() const noexcept { return has_proven_secret || is_vouched_for; }

    friend bool operator==(const registrant&, const registrant&) = default;
};

// Who asks for a change.
struct claimant {
    std::string source;
    std::string secret_hash{};  // empty: no secret was shown
    bool has_token = false;
};

// needs_proof: it shows another secret; if the instance knows that one by now, it was started anew.
enum class claim : std::uint8_t { granted, needs_proof, refused };

// `is_same_machine`: of the two sources.
[[nodiscard]] claim judge(const registrant& owner, const claimant& who, bool is_same_machine);

}  // namespace distd::registry
