// How a history that failed is run again: a line for a shell in the folder from which it was run.
#pragma once

#include <cstdint>
#include <string>

namespace distd::sim {

// Printed on standard error, too, and there unindented: Catch wraps and indents what it reports, and its
// reports are longer than what is kept of a run's output.
[[nodiscard]] std::string print_replay_line(std::uint64_t seed, const std::string& test_case);

}  // namespace distd::sim
