// Exit codes of the system's processes, as docs/reference/exit-codes.md has them.
#pragma once

namespace distd::exit_codes {

inline constexpr int clean = 0;
inline constexpr int cannot_start = 1;
inline constexpr int bad_settings = 2;
inline constexpr int tasks_left = 3;
inline constexpr int handler_failed = 70;  // as sysexits.h has it for a fault inside the program
inline constexpr int disk_hangs = 74;      // as sysexits.h has it for an input/output error

}  // namespace distd::exit_codes
