#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace distd::test {

std::vector<std::string> environment_with(const std::map<std::string, std::string>& others) {
    std::vector<std::string> all;
    for (char** e = environ; *e; ++e) {
        const std::string variable(*e);
        const auto name = variable.substr(0, variable.find('='));
        if (!name.starts_with("DISTD_") && !others.contains(name)) all.push_back(variable);
    }
    for (const auto& [name, value] : others) all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& t : texts) result.push_back(t.data());
    result.push_back(nullptr);
    return result;
}

process::process(std::vector<std::string> command, const std::string& error_file,
                 std::map<std::string, std::string> environment) {
    std::array<int, 2> out{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    if (!error_file.empty())
        ::posix_spawn_file_actions_addopen(&actions, 2, error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                           0600);
    auto variables = environment_with(environment);
    const auto failed = ::posix_spawnp(&pid_, command.front().c_str(), &actions, nullptr,
                                       pointers(command).data(), pointers(variables).data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    output_ = out[0];
    if (failed != 0) throw std::runtime_error("cannot start " + command.front());
}

process::process(process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      pending_(std::move(other.pending_)),
      addresses_(std::move(other.addresses_)) {}

process::~process() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        static_cast<void>(wait());
    }
    if (output_ >= 0) ::close(output_);
}

void process::wait_until_ready() {
    for (;;) {
        const auto end = pending_.find('\n');
        if (end != std::string::npos) {
            const auto line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            if (line == "ready") return;
            const auto space = line.find(' ');
            if (space != std::string::npos) addresses_[line.substr(0, space)] = line.substr(space + 1);
            continue;
        }
        std::array<char, 4096> piece{};
        pollfd ready{output_, POLLIN, 0};
        if (::poll(&ready, 1, 20'000) <= 0)
            throw std::runtime_error("the process did not get ready; it said: " + pending_);
        const auto n = ::read(output_, piece.data(), piece.size());
        if (n <= 0) throw std::runtime_error("the process ended before it was ready; it said: " + pending_);
        pending_.append(piece.data(), static_cast<std::size_t>(n));
    }
}

const std::string& process::address(const std::string& label) const { return addresses_.at(label); }

void process::signal(int number) const { ::kill(pid_, number); }

int process::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string process::read_all_output() {
    std::string all = std::move(pending_);
    std::array<char, 4096> piece{};
    for (ssize_t n = 0; (n = ::read(output_, piece.data(), piece.size())) > 0;)
        all.append(piece.data(), static_cast<std::size_t>(n));
    return all;
}

}  // namespace distd::test
