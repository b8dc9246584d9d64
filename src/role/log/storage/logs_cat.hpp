// Prints segments and parts of the log as JSON lines again, on any machine: no service is needed, and the
// files are only read. Damaged places are passed over, named on standard error and counted.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace distd::logs {

namespace cat_exit_codes {
inline constexpr int complete = 0;
inline constexpr int cannot_read = 1;  // a file could not be opened, or is none of ours; or the output ended
inline constexpr int wrong_use = 2;
inline constexpr int damaged = 4;  // everything else was printed
}  // namespace cat_exit_codes

// `arguments`: what stands behind "distd logs".
[[nodiscard]] int run_logs_command(const std::vector<std::string>& arguments, std::FILE* out, std::FILE* err);

}  // namespace distd::logs
