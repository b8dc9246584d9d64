#include "sdk/data_dir.hpp"

#include <unistd.h>

#include <stdexcept>

namespace distd {
namespace {

template <class T>
T expect(result<T> r, const std::string& what, const std::string& path) {
    if (!r) throw std::runtime_error(what + " " + path + ": " + r.error().message());
    if constexpr (!std::is_void_v<T>) return *std::move(r);
}

std::string holder_of(disk::file& lock) {
    std::string pid(23, '\0');
    const auto read = lock.read_at(0, pid.data(), pid.size());
    pid.resize(read ? *read : 0);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

data_dir::data_dir(disk& on, std::string path) : path_(std::move(path)) {
    const auto parent = std::filesystem::path(path_).parent_path();
    if (!parent.empty())
        static_cast<void>(on.make_directories(parent));  // what is missing then, the next step says
    expect(on.make_directories(path_), "cannot make the data folder", path_);
    const auto file = path_ + "/lock";
    lock_ = expect(on.open(file, disk::mode::in_place), "cannot open", file);
    if (!lock_->lock(disk::patience::does_not_wait))
        throw std::runtime_error("the data folder " + path_ + " is in use by " + holder_of(*lock_) +
                                 "; stop that process or choose another --data-dir");
    const auto pid = std::to_string(::getpid()) + "\n";
    expect(lock_->truncate(0), "cannot write", file);
    expect(lock_->write_at(0, pid), "cannot write", file);
}

}  // namespace distd
