#include "role/grading/store_turn.hpp"

#include <atomic>

namespace distd::grading {
namespace {

std::filesystem::path name_of(const std::filesystem::path& store) {
    return std::filesystem::path(store) += "-turn";
}

}  // namespace

store_turn::store_turn(const std::filesystem::path& store, disk& on)
    : file_(on, name_of(store), posix_file::mode::in_place) {
    // Every process gives it the same size; what is in it stays. With room on the disk: where memory that is
    // mapped has none, whoever writes to it is ended by a signal.
    if (const auto made = file_.raw().allocate(sizeof(*count_)); !made)
        throw file_error(file_.path(), "get room for", made.error().value());
    const auto place = file_.raw().map(sizeof(*count_));
    if (!place) throw file_error(file_.path(), "map", place.error().value());
    count_ = static_cast<std::uint64_t*>(*place);
}

void store_turn::take() {
    const auto locked = file_.raw().lock(disk::patience::waits);
    if (!locked) throw file_error(file_.path(), "lock", locked.error().value());
}

void store_turn::leave() noexcept { file_.raw().unlock(); }

void store_turn::announce_commit() noexcept {
    std::atomic_ref(*count_).fetch_add(1, std::memory_order_acq_rel);
}

std::uint64_t store_turn::commits() const noexcept {
    return std::atomic_ref(*count_).load(std::memory_order_acquire);
}

}  // namespace distd::grading
