#include "processes.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace bench {
namespace {

std::string file_of(pid_t pid, const char* name) {
    const auto path = "/proc/" + std::to_string(pid) + "/" + name;
    std::ifstream in(path);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.empty()) throw std::runtime_error(path + " cannot be read; the process has ended");
    return text;
}

// In the child: only calls that are safe between fork and exec.
[[noreturn]] void become(const std::vector<char*>& argv, int output, int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    const bool prepared = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
                          ::sched_setaffinity(0, sizeof cores, &cores) == 0;
    if (prepared) ::execv(argv.front(), argv.data());
    ::_exit(127);
}

}  // namespace

[[noreturn]] void throw_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

long resident_bytes(pid_t pid) {
    std::istringstream pages(file_of(pid, "statm"));
    long all = 0;
    long resident = 0;
    pages >> all >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

double cpu_milliseconds(pid_t pid) {
    const auto text = file_of(pid, "stat");
    std::istringstream fields(text.substr(text.rfind(')') + 1));  // the name before it may hold anything
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) * 1000 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void allow_open_files(unsigned long needed) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) throw_errno("getrlimit");
    if (limit.rlim_max < needed)
        throw std::runtime_error("this needs " + std::to_string(needed) +
                                 " open files, and `ulimit -Hn` allows " + std::to_string(limit.rlim_max));
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) throw_errno("setrlimit");
}

child::child(const std::vector<std::string>& command, int core) {
    std::vector<char*> argv;
    for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe2");
    pid_ = ::fork();
    if (pid_ == 0) become(argv, ends[1], core);
    ::close(ends[1]);
    output_ = ends[0];
    if (pid_ < 0) throw_errno("fork");
}

child::~child() {
    if (output_ >= 0) ::close(output_);
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

int child::release_output() noexcept { return std::exchange(output_, -1); }

}  // namespace bench
