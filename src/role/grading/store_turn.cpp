#include "role/grading/store_turn.hpp"

#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>

namespace distd::grading {
namespace {

std::filesystem::path name_of(const std::filesystem::path& store) {
    return std::filesystem::path(store) += "-turn";
}

}  // namespace

store_turn::store_turn(const std::filesystem::path& store) : file_(name_of(store), posix_file::mode::append) {
    const auto descriptor = file_.descriptor();
    // Every process sets the same size; what is in it stays.
    if (::ftruncate(descriptor, sizeof(*count_)) != 0) throw file_error(file_.path(), "set its size", errno);
    void* place = ::mmap(nullptr, sizeof(*count_), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (place == MAP_FAILED) throw file_error(file_.path(), "map", errno);
    count_ = static_cast<std::uint64_t*>(place);
}

store_turn::~store_turn() { ::munmap(count_, sizeof(*count_)); }

void store_turn::take() {
    while (::flock(file_.descriptor(), LOCK_EX) != 0)
        if (errno != EINTR) throw file_error(file_.path(), "lock", errno);
}

void store_turn::leave() noexcept { ::flock(file_.descriptor(), LOCK_UN); }

void store_turn::announce_commit() noexcept {
    std::atomic_ref(*count_).fetch_add(1, std::memory_order_acq_rel);
}

std::uint64_t store_turn::commits() const noexcept {
    return std::atomic_ref(*count_).load(std::memory_order_acquire);
}

}  // namespace distd::grading
