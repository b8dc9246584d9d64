// Registers very many instances of a town at a registry.
#pragma once

#include "peer.hpp"
#include "town.hpp"

namespace bench {

struct enrolment {
    tcp::endpoint registry;
    std::size_t instances = 0;
    bool takes_patches = false;  // of the service "Provider"
    bool has_heartbeat = false;
};

// Over several connections at a time, so that the registry writes many of them to its disk together. Every
// registration was answered with 200 when it ends.
[[nodiscard]] task<> enroll_all(const town&, enrolment);

[[nodiscard]] std::string registration(const std::string& name, const std::string& url,
                                       const std::string& more = {});

}  // namespace bench
