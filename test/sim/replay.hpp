// What a run of histories prints for whoever started it: how one that failed is run again, as a line for a
// shell in the folder from which it was run, and how many there were.
#pragma once

#include <cstdint>
#include <string>

namespace distd::sim {

// Printed on standard error, too, and there unindented: Catch wraps and indents what it reports, and its
// reports are longer than what is kept of a run's output.
[[nodiscard]] std::string print_replay_line(std::uint64_t seed, const std::string& test_case);

// How many of them were run, up to which seed: for the verdict over all suites, which adds them up.
void print_count(std::uint64_t histories, const std::string& of_what, std::uint64_t last_seed);

}  // namespace distd::sim
