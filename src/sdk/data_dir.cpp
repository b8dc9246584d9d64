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

constexpr std::size_t max_pid = 23;
// Who may write into a folder, or rename what is in it, may exchange what we read from it and write to.
void judge_folder(disk& on, const disk::path& folder, disk::links links) {
    const auto rights = expect(on.rights_of(folder, links), "cannot look at the data folder", folder);
    const auto refuse = [&](const char* why) {
        throw std::runtime_error("the data folder " + folder.string() + why);
    };
    const bool is_parent = links == disk::links::are_followed;
    if (rights.is_link) refuse(" is a link; choose another --data-dir");
    if (rights.owner == disk::owner::somebody || (rights.owner == disk::owner::root && !is_parent))
        refuse(
            " belongs to another user, who could exchange what is in it; choose another --data-dir, or chown "
            "it");
    if (rights.others_may_write && !(is_parent && rights.only_owners_move))
        refuse(" may be written by other users; chmod go-w it, or choose another --data-dir");
}

// A link there may lead to a file of ours elsewhere, and so may a second name of the same file. What is no
// file at all is not ours either; a pipe would keep whoever opens it waiting.
void judge_lock(disk& on, const std::string& file) {
    const auto rights = on.rights_of(file, disk::links::are_not_followed);
    if (!rights) return;  // it is made
    if (!rights->is_file || rights->has_other_names || rights->owner != disk::owner::ours)
        throw std::runtime_error(file + " is no file that distd has made; remove it");
}

std::string holder_of(disk::file& lock) {
    std::string pid(max_pid, '\0');
    const auto read = lock.read_at(0, pid.data(), pid.size());
    pid.resize(read ? *read : 0);
    pid.resize(std::min(pid.size(), pid.find_first_of("\n")));
    return pid.empty() ? "another process" : "process " + pid;
}

// For whoever meets the lock. Over what was there: so it succeeds on a full disk, too, and where it does not
// the folder is ours all the same.
void note_holder(disk::file& lock) {
    auto pid = std::to_string(::getpid());
    pid.resize(max_pid, '\n');
    static_cast<void>(lock.write_at(0, pid));
}

}  // namespace

data_dir::data_dir(disk& on, std::string path) : path_(std::move(path)) {
    const std::filesystem::path folder(path_);
    const auto parent = folder.parent_path();
    // What is missing, the next step says.
    if (!parent.empty() && on.make_directories(parent)) judge_folder(on, parent, disk::links::are_followed);
    expect(on.make_directories(path_), "cannot make the data folder", path_);
    judge_folder(on, path_, disk::links::are_not_followed);
    const auto file = path_ + "/lock";
    judge_lock(on, file);
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
