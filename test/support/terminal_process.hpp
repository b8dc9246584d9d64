// A process on a terminal of its own, as a person starts one: what it writes is read like a screen. The
// destructor kills and reaps it by pid.
#pragma once

#include <sys/types.h>
#include <map>
#include <string>
#include <vector>

namespace distd::test {

class terminal_process {
public:
    // TERM is xterm-256color, TZ is UTC and LC_ALL is C.UTF-8 unless `environment` says otherwise; NO_COLOR
    // is not set.
    explicit terminal_process(std::vector<std::string> command,
                              std::map<std::string, std::string> environment = {},
                              unsigned short columns = 100);
    ~terminal_process();
    terminal_process(const terminal_process&) = delete;
    terminal_process& operator=(const terminal_process&) = delete;

    // Reads on until the text is there. Throws with what is there when the process ends before, or is silent.
    void wait_for(const std::string& text);
    void read_to_end();
    // All that it wrote, without the carriage returns of the terminal.
    [[nodiscard]] const std::string& screen() const noexcept { return screen_; }
    [[nodiscard]] bool shows(const std::string& text) const { return screen_.find(text) != screen_.npos; }
    // The URL behind that word in the banner, without colours.
    [[nodiscard]] std::string address(const std::string& label) const;

    void type(char key) const;  // '\x03' is Ctrl-C
    [[nodiscard]] int wait();   // exit code; 128 + signal

private:
    [[nodiscard]] bool read_some();

    pid_t pid_ = -1;
    int master_ = -1;
    std::string screen_;
};

}  // namespace distd::test
