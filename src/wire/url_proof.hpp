// What a registry knows of whether a registration's URL is its registrant's own, and not somebody else's that
// may not want to be found there. Listed as `Unproven`, as nothing, and as `Proven`.
#pragma once

#include <cstdint>

namespace distd::wire {

enum class url_proof : std::uint8_t {
    none,
    vouched_for,  // it came from the machine that the URL leads to, or from an operator
    confirmed,    // by the instance there
};

}  // namespace distd::wire
