// Runs histories, each in a process of its own: whatever one dies of, its seed is known, and nothing of it is
// left for the next one.
//
// DISTD_SIM_SEED=N runs that seed alone. DISTD_SIM_MINUTES=N runs fresh seeds for so long; without it the
// first few, always the same.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/world.hpp"

namespace distd::sim {

struct verdict {
    std::string failure;  // empty: every promise held
    std::uint64_t hash = 0;
};

using history_function = void (*)(world&);

[[nodiscard]] verdict run_seed(std::uint64_t seed, history_function);

// Empty, or the failures of all seeds that failed, each with how to run it again.
[[nodiscard]] std::string run_seeds(const char* test, history_function, int default_number);

}  // namespace distd::sim
