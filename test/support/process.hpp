// A real `distd` process (or any other program): started, talked to, killed. The destructor kills and reaps
// it by pid.
#pragma once

#include <sys/types.h>
#include <map>
#include <string>
#include <vector>

namespace distd::test {

class process {
public:
    // Standard output is read by `wait_until_ready`; standard error goes to `error_file` when one is named.
    explicit process(std::vector<std::string> command, const std::string& error_file = {},
                     std::map<std::string, std::string> environment = {});
    ~process();
    process(process&&) noexcept;
    process& operator=(process&&) = delete;

    // Reads the announced addresses up to the line "ready". Throws with what was printed when the process
    // ends before.
    void wait_until_ready();
    [[nodiscard]] const std::string& address(const std::string& label) const;

    void signal(int number) const;
    [[nodiscard]] int wait();                     // exit code; 128 + signal
    [[nodiscard]] std::string read_all_output();  // until the process closes its standard output
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
    pid_t pid_ = -1;
    int output_ = -1;
    std::string pending_;
    std::map<std::string, std::string> addresses_;
};

// The variables of this process as exec and spawn take them, with others in place of those of the same name.
// Without those of distd itself.
[[nodiscard]] std::vector<std::string> environment_with(const std::map<std::string, std::string>& others);

// As exec and spawn take them: valid as long as the texts are, with a null at the end.
[[nodiscard]] std::vector<char*> pointers(std::vector<std::string>& texts);

}  // namespace distd::test
