// A registry, 60 services that require others and 30 that are required, on a bad day: peers do whatever they
// may do wrong, the disk refuses and fails, walls show any time, the registry is stopped and killed in the
// middle of anything. Then the faults end, and every list must be right again.
#pragma once

#include <cstdint>

#include "sim/world.hpp"

namespace distd::sim {

// Throws broken_promise, or what a process threw.
void run_registry_history(world&);

}  // namespace distd::sim
