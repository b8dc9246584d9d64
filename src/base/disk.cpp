#include "base/disk.hpp"

#include <cerrno>
#include <vector>

namespace distd {
namespace {

disk::path parent_of(const disk::path& p) { return p.has_parent_path() ? p.parent_path() : "."; }

// The system could not write what had changed. All else is a directory that cannot be opened or synced at
// all.
bool is_loss(int error_number) noexcept {
    return error_number == EIO || error_number == ENOSPC || error_number == EDQUOT;
}

// One that was found may have been made moments before its maker died: what is answered now may rest on its
// name. A parent that may not be read is none of ours, and neither is what is in it.
result<> make_name_durable(disk& on, const disk::path& found) {
    auto synced = on.sync_directory(parent_of(found));
    if (!synced && is_loss(synced.error().value())) return synced;
    return {};
}

}  // namespace

// One at a time for each directory: of two at once the system would tell one alone of a failure.
result<> disk::sync_directory(const path& p) {
    const auto name = p.lexically_normal().string();
    std::unique_lock lock(mutex_);
    sync_ended_.wait(lock, [&] { return !being_synced_.contains(name); });
    if (lost_names_in_.contains(name))
        return boost::system::error_code(EIO, boost::system::generic_category());
    being_synced_.insert(name);
    lock.unlock();
    auto synced = flush_directory(p);
    lock.lock();
    being_synced_.erase(name);
    if (!synced && is_loss(synced.error().value())) lost_names_in_.insert(name);
    lock.unlock();
    sync_ended_.notify_all();
    return synced;
}

bool disk::has_lost_names(const path& p) const {
    const std::lock_guard lock(mutex_);
    return !lost_names_in_.empty() && lost_names_in_.contains(p.lexically_normal().string());
}

void disk::forget_lost_names() {
    const std::lock_guard lock(mutex_);
    lost_names_in_.clear();
}

// Each is durable before there is anything in it. So of those that are found only the last one can be one
// whose name is not.
result<> disk::make_directories(const path& p) {
    constexpr unsigned only_ours = 0700;
    constexpr unsigned as_usual = 0777;  // less the umask
    std::vector<path> missing;           // the deepest first
    auto found = p;
    for (; !found.empty() && !exists(found); found = found.parent_path()) missing.push_back(found);
    if (!found.empty())
        if (auto durable = make_name_durable(*this, found); !durable) return durable;
    if (missing.empty()) return make_directory(p, only_ours);  // it says so when that is no folder
    for (; !missing.empty(); missing.pop_back()) {
        const auto& next = missing.back();
        if (auto made = make_directory(next, missing.size() == 1 ? only_ours : as_usual); !made) return made;
        if (auto synced = sync_directory(parent_of(next)); !synced) {
            remove(next);  // or the next process would find it, and rely on a name that is lost
            return synced;
        }
    }
    return {};
}

}  // namespace distd
