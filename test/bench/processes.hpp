// Other processes: what they use, and children that never outlive this tool.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bench {

[[noreturn]] void throw_errno(const char* what);  // what `errno` says

[[nodiscard]] long resident_bytes(pid_t);
// Processor time of all its threads, user and system. In steps of the kernel's tick, mostly 10 ms.
[[nodiscard]] double cpu_milliseconds(pid_t);

// As many open files as this process may have. Throws when that is fewer than `needed`.
void allow_open_files(unsigned long needed);

// A program on one core, with its standard output in a pipe. Killed on destruction.
class child {
public:
    child(const std::vector<std::string>& command, int core);
    ~child();
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    // The pipe's end to read from; the caller closes it.
    [[nodiscard]] int release_output() noexcept;

private:
    pid_t pid_ = -1;
    int output_ = -1;
};

}  // namespace bench
