#include "support/terminal_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <regex>
#include <stdexcept>

#include "support/process.hpp"

namespace distd::test {
namespace {

std::vector<std::string> environment_of_terminal(std::map<std::string, std::string> wanted) {
    wanted.try_emplace("TERM", "xterm-256color");
    wanted.try_emplace("TZ", "UTC");
    wanted.try_emplace("LC_ALL", "C.UTF-8");
    auto all = environment_with(wanted);
    if (!wanted.contains("NO_COLOR"))
        std::erase_if(all, [](const auto& variable) { return variable.starts_with("NO_COLOR="); });
    return all;
}

}  // namespace

terminal_process::terminal_process(std::vector<std::string> command,
                                   std::map<std::string, std::string> environment, unsigned short columns) {
    auto variables = environment_of_terminal(std::move(environment));
    auto arguments = pointers(command);
    auto names = pointers(variables);
    winsize size{};
    size.ws_col = columns;
    size.ws_row = 40;
    // A session of its own with this terminal, so that its keys send signals.
    pid_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (pid_ < 0) throw std::runtime_error("no pseudo terminal");
    if (pid_ == 0) {
        ::execve(arguments.front(), arguments.data(), names.data());
        ::_exit(127);
    }
    ::fcntl(master_, F_SETFD, FD_CLOEXEC);
}

terminal_process::~terminal_process() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        static_cast<void>(wait());
    }
    ::close(master_);
}

// A terminal whose last process has ended fails to be read.
bool terminal_process::read_some() {
    std::array<char, 4096> piece{};
    pollfd ready{master_, POLLIN, 0};
    if (::poll(&ready, 1, 20'000) <= 0) throw std::runtime_error("silent for 20 s; it said: " + screen_);
    const auto n = ::read(master_, piece.data(), piece.size());
    if (n <= 0) return false;
    for (const char c : std::string_view(piece.data(), static_cast<std::size_t>(n)))
        if (c != '\r') screen_ += c;
    return true;
}

void terminal_process::wait_for(const std::string& text) {
    while (!shows(text))
        if (!read_some()) throw std::runtime_error("ended without '" + text + "'; it said: " + screen_);
}

void terminal_process::read_to_end() {
    while (read_some()) {}
}

std::string terminal_process::address(const std::string& label) const {
    static const std::regex colours("\x1b\\[[0-9]*m");
    const auto plain = std::regex_replace(screen_, colours, "");
    std::smatch found;
    if (!std::regex_search(plain, found, std::regex("\n  " + label + " +(http://[^ \n]+)")))
        throw std::runtime_error("no address of " + label + " in: " + screen_);
    return found[1];
}

void terminal_process::type(char key) const { static_cast<void>(::write(master_, &key, 1)); }

int terminal_process::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace distd::test
