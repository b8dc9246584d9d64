#include "sdk/data_dir.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/system/errc.hpp>
#include <stdexcept>

namespace distd {
namespace {

template <class T>
T expect(result<T> r, const std::string& what, const std::string& path) {
    if (!r) throw std::runtime_error(what + " " + path + ": " + r.error().message());
    if constexpr (!std::is_void_v<T>) return *std::move(r);
}

constexpr std::size_t longest_pid = 23;

std::string holder_of(disk::file& lock) {
    std::string pid(longest_pid, '\0');
    const auto read = lock.read_at(0, pid.data(), pid.size());
    pid.resize(read ? *read : 0);
    pid.resize(std::min(pid.size(), pid.find_first_of("\n")));
    return pid.empty() ? "another process" : "process " + pid;
}

// For whoever meets the lock. Over what was there: so it succeeds on a full disk, too, and where it does not
// the folder is ours all the same.
void note_holder(disk::file& lock) {
    auto pid = std::to_string(::getpid());
    pid.resize(longest_pid, '\n');
    static_cast<void>(lock.write_at(0, pid));
}

}  // namespace

data_dir::data_dir(disk& on, std::string path) : path_(std::move(path)) {
    const auto parent = std::filesystem::path(path_).parent_path();
    if (!parent.empty())
        static_cast<void>(on.make_directories(parent));  // what is missing then, the next step says
    expect(on.make_directories(path_), "cannot make the data folder", path_);
    const auto file = path_ + "/lock";
    lock_ = expect(on.open(file, disk::mode::in_place), "cannot open", file);
    const auto locked = lock_->lock(disk::patience::does_not_wait);
    if (!locked && locked.error() != boost::system::errc::resource_unavailable_try_again)
        expect(locked, "cannot lock", file);
    if (!locked)
        throw std::runtime_error("the data folder " + path_ + " is in use by " + holder_of(*lock_) +
                                 "; stop that process or choose another --data-dir");
    note_holder(*lock_);
}

}  // namespace distd
