#include "base/disk_wait.hpp"

#include <mutex>

namespace distd {

struct disk_wait::list {
    std::mutex mutex;  // guards what follows, and the links
    disk_wait* first = nullptr;
    disk_wait* last = nullptr;
    std::uint64_t begun = 0;
};

// Never destroyed: threads that are abandoned in a wait outlive all statics.
disk_wait::list& disk_wait::all() {
    static list& one = *new list;
    return one;
}

disk_wait::disk_wait(const char* file) noexcept : file_(file) {
    auto& l = all();
    const std::lock_guard lock(l.mutex);
    id_ = ++l.begun;
    before_ = l.last;
    (before_ ? before_->after_ : l.first) = this;
    l.last = this;
}

disk_wait::~disk_wait() {
    auto& l = all();
    const std::lock_guard lock(l.mutex);
    (before_ ? before_->after_ : l.first) = after_;
    (after_ ? after_->before_ : l.last) = before_;
}

std::optional<disk_wait::pending> disk_wait::oldest() {
    auto& l = all();
    const std::lock_guard lock(l.mutex);
    if (!l.first) return std::nullopt;
    return pending{l.first->id_, l.first->file_};
}

}  // namespace distd
