#include "store/sqlite/sqlite_wal.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "base/rarely.hpp"
#include "store/sqlite/log_check.hpp"
#include "store/sqlite/wal_file.hpp"
#include "store/sqlite/wal_format.hpp"
#include "store/sqlite/wal_recovery.hpp"

namespace distd::sqlite {
namespace {

constexpr std::int64_t grown_by = 512 << 10;
constexpr std::int64_t min_room = 256 << 10;   // more than most commits take
constexpr std::int64_t busy_from = 128 << 10;  // a store that is hardly written to stays small
constexpr int max_uncopied = 8;                // times the length at which it is copied

// Of the format of SQLite's shared memory (sqlite.org/walformat.html), the same in all of its versions.
constexpr int copying_lock = 1;
constexpr int shared_region_bytes = 32 << 10;
constexpr std::size_t place_of_used = 16;    // so many pages of the log count
constexpr std::size_t place_of_salts = 32;   // of the log's head, in its order
constexpr std::size_t place_of_copied = 96;  // so many of them are in the main file

// Belongs to the connection. Null: it has no shared memory.
sqlite3_file* main_file_of(sqlite3* database) noexcept {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file && file->pMethods && file->pMethods->iVersion >= 2 ? file : nullptr;
}

char* shared_memory_of(sqlite3_file& file) noexcept {
    void volatile* place = nullptr;
    if (file.pMethods->xShmMap(&file, 0, shared_region_bytes, 0, &place) != SQLITE_OK) return nullptr;
    return static_cast<char*>(const_cast<void*>(place));
}

std::atomic_ref<std::uint32_t> number_in(char* shared, std::size_t place) noexcept {
    return std::atomic_ref(*reinterpret_cast<std::uint32_t*>(shared + place));
}

}  // namespace

void wal_keeper::attach(sqlite3* database, std::int64_t page_bytes) {
    database_ = database;
    page_bytes_ = page_bytes;
    sqlite3_wal_hook(database, &wal_keeper::on_commit, this);
}

int wal_keeper::on_commit(void* self, sqlite3*, const char*, int pages) {
    auto& keeper = *static_cast<wal_keeper*>(self);
    keeper.pages_ = pages;
    keeper.used_ = log_head_bytes + pages * (frame_head_bytes + keeper.page_bytes_);
    keeper.known_size_ = std::min(keeper.known_size_, keeper.max_bytes());
    const bool is_long = pages >= std::max(keeper.copied_after_, keeper.copied_at_);
    const bool may_be_early = keeper.copied_at_ == 0;
    if (is_long || (may_be_early && DISTD_RARELY("log copied early"))) static_cast<void>(keeper.copy());
    return SQLITE_OK;
}

// Others that still read of the log are no failure: the rest is copied later.
bool wal_keeper::copy() {
    if (must_forget_ && !forget_copied()) return false;
    const int code =
        is_whole() ? sqlite3_wal_checkpoint_v2(database_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr)
                   : log_check::is_damaged;
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
        copied_at_ = 0;
        return true;
    }
    warning_ = std::string("the write-ahead log could not be copied into the file: ") +
               (code == log_check::is_damaged ? "a page of it is not as it was written"
                                              : sqlite3_errmsg(database_)) +
               ". It is kept, and copied anew";
    copied_at_ = pages_ + copied_after_;
    must_forget_ = true;
    static_cast<void>(forget_copied());
    return false;
}

// SQLite syncs the main file only when all of the log was copied, so what a failed sync has lost may be more
// than that copy wrote. Its own recovery begins at 0 again, too.
bool wal_keeper::forget_copied() noexcept {
    auto* const file = main_file_of(database_);
    if (!file) return false;
    const auto& call = *file->pMethods;
    if (call.xShmLock(file, copying_lock, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE) != SQLITE_OK)
        return false;  // another connection is copying
    if (auto* const shared = shared_memory_of(*file)) {
        number_in(shared, place_of_copied).store(0);
        must_forget_ = false;
    }
    call.xShmLock(file, copying_lock, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    return !must_forget_;
}

bool wal_keeper::is_whole() const noexcept {
    auto* const file = main_file_of(database_);
    auto* const shared = file ? shared_memory_of(*file) : nullptr;
    if (!shared) return true;
    const auto frames = number_in(shared, place_of_used).load();
    return is_log_whole(database_, frames, {shared + place_of_salts, log_salt_bytes});
}

int wal_keeper::error_number() const noexcept {
    auto* const log = log_of(database_);
    return log ? error_number_of(*log) : 0;
}

std::string wal_keeper::refusal() {
    const bool is_too_long = copied_at_ > 0 && pages_ >= max_uncopied * copied_after_;
    const bool may_go_on = (!must_forget_ || forget_copied()) && (!is_too_long || copy());
    if (may_go_on) return {};
    return "the write-ahead log cannot be copied into the file, and takes no more";
}

std::int64_t wal_keeper::room_at_most() const noexcept {
    return log_head_bytes + (copied_after_ + min_room / page_bytes_) * (frame_head_bytes + page_bytes_);
}

void wal_keeper::make_room() noexcept {
    if (used_ < busy_from || used_ + min_room <= known_size_) return;
    auto* const log = log_of(database_);
    sqlite3_int64 size = 0;
    if (!log || log->pMethods->xFileSize(log, &size) != SQLITE_OK) return;
    known_size_ = size;
    const auto wanted = std::min(known_size_ + grown_by, room_at_most());
    if (used_ + min_room <= known_size_ || wanted <= known_size_) return;
    static const std::string zeros(64 << 10, '\0');
    for (auto at = known_size_; at < wanted;) {
        const auto bytes = std::min<std::int64_t>(wanted - at, static_cast<std::int64_t>(zeros.size()));
        if (log->pMethods->xWrite(log, zeros.data(), static_cast<int>(bytes), at) != SQLITE_OK) return;
        at += bytes;
    }
    known_size_ = wanted;
}

}  // namespace distd::sqlite
