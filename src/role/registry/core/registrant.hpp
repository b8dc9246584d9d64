// Who made a registration, and who may change it. Pure.
//
// A registration is its registrant's: of whoever shows to be the same owner, once the instance itself has
// confirmed that owner; else, as in the base protocol, of everybody who calls from the machine that it came
// from. Operators may as well: who holds an access token or, where there are none, the registry's own secret.
#pragma once

#include <cstdint>
#include <string>

#include "wire/url_proof.hpp"

namespace distd::registry {

struct registrant {
    std::string source;   // the address that it came from; empty: kept from before these were noted
    std::string owner{};  // its id, see wire/owner_secret; empty: none was shown
    bool has_confirmed_owner = false;  // the instance at its URL has answered to that id
    bool is_vouched_for = true;        // it came from the machine that its URL leads to, or from an operator

    [[nodiscard]] wire::url_proof proof() const noexcept {
        if (has_confirmed_owner) return wire::url_proof::confirmed;
        return is_vouched_for ? wire::url_proof::vouched_for : wire::url_proof::none;
    }

    friend bool operator==(const registrant&, const registrant&) = default;
};

// Who asks for a change.
struct claimant {
    std::string source;
    std::string owner{};  // the id that it has shown to have; empty: none
    bool is_operator = false;
    std::string key{};  // where it showed a secret: the id of the key that belongs to that

    [[nodiscard]] bool is(const std::string& id) const noexcept {
        return !id.empty() && (id == owner || id == key);
    }
};

// needs_proof: it is another owner; if the instance confirms that one by now, it was started anew.
enum class claim : std::uint8_t { granted, needs_proof, refused };

// `is_same_machine`: of the two sources.
[[nodiscard]] claim judge(const registrant&, const claimant& who, bool is_same_machine);

}  // namespace distd::registry
