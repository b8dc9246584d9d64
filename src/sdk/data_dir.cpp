#include "sdk/data_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace distd {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
    throw std::runtime_error(what + " " + path + ": " + std::strerror(errno));
}

std::string holder_of(int lock) {
    std::array<char, 24> text{};
    const auto n = ::pread(lock, text.data(), text.size() - 1, 0);
    std::string pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

data_dir::data_dir(std::string path) : path_(std::move(path)) {
    std::error_code ec;
    const auto parent = std::filesystem::path(path_).parent_path();
    if (!parent.empty() && std::filesystem::create_directories(parent, ec)) ::chmod(parent.c_str(), 0700);
    if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make the data folder", path_);
    const auto file = path_ + "/lock";
    lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) fail("cannot open", file);
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        const auto holder = holder_of(lock_);
        ::close(lock_);
        throw std::runtime_error("the data folder " + path_ + " is in use by " + holder +
                                 "; stop that process or choose another --data-dir");
    }
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock_, 0) != 0 || ::pwrite(lock_, pid.data(), pid.size(), 0) < 0)
        fail("cannot write", file);
}

data_dir::~data_dir() { ::close(lock_); }

}  // namespace distd
