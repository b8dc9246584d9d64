#include "role/registry/core/registrant.hpp"

namespace distd::registry {

claim judge(const registrant& owner, const claimant& who, bool is_same_machine) {
    const bool shows_secret = !who.secret_hash.empty();
    if (shows_secret && who.secret_hash == owner.secret_hash) return claim::granted;
    // A service that shows a secret speaks for itself, whatever token it has.
    if (who.has_token && !shows_secret) return claim::granted;
    const bool is_bound_to_secret = owner.has_proven_secret;
    if (!is_bound_to_secret && (owner.source.empty() || is_same_machine || who.has_token))
        return claim::granted;
    return shows_secret ? claim::needs_proof : claim::refused;
}

}  // namespace distd::registry
