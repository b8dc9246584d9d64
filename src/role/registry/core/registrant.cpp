#include "role/registry/core/registrant.hpp"

namespace distd::registry {

claim judge(const registrant& by, const claimant& who, bool is_same_machine) {
    if (who.is(by.owner)) return claim::granted;
    const bool is_an_owner = !who.owner.empty();
    // A service that shows who it is speaks for itself, whatever token it has.
    if (who.is_operator && !is_an_owner) return claim::granted;
    if (!by.has_confirmed_owner && (by.source.empty() || is_same_machine || who.is_operator))
        return claim::granted;
    return is_an_owner ? claim::needs_proof : claim::refused;
}

}  // namespace distd::registry
