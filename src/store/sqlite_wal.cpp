#include "store/sqlite_wal.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string>

namespace distd::sqlite {
namespace {

constexpr std::int64_t log_head_bytes = 32;
constexpr std::int64_t page_head_bytes = 24;
constexpr std::int64_t grown_by = 512 << 10;
constexpr std::int64_t least_room = 256 << 10;  // more than most commits take
constexpr std::int64_t busy_from = 128 << 10;   // a store that is hardly written to stays small

}  // namespace

void wal_keeper::attach(sqlite3* database, std::int64_t page_bytes) {
    database_ = database;
    page_bytes_ = page_bytes;
    sqlite3_wal_hook(database, &wal_keeper::on_commit, this);
}

int wal_keeper::on_commit(void* self, sqlite3* database, const char* schema, int pages) {
    auto& keeper = *static_cast<wal_keeper*>(self);
    keeper.used_ = log_head_bytes + pages * (page_head_bytes + keeper.page_bytes_);
    if (pages >= keeper.copied_after_)
        sqlite3_wal_checkpoint_v2(database, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    return SQLITE_OK;
}

void wal_keeper::make_room() noexcept {
    if (used_ < busy_from || used_ + least_room <= known_size_) return;
    sqlite3_file* log = nullptr;  // belongs to the connection
    sqlite3_file_control(database_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    sqlite3_int64 size = 0;
    if (!log || !log->pMethods || log->pMethods->xFileSize(log, &size) != SQLITE_OK) return;
    known_size_ = size;
    const auto most =
        log_head_bytes + (copied_after_ + least_room / page_bytes_) * (page_head_bytes + page_bytes_);
    const auto wanted = std::min(known_size_ + grown_by, most);
    if (used_ + least_room <= known_size_ || wanted <= known_size_) return;
    static const std::string zeros(64 << 10, '\0');
    for (auto at = known_size_; at < wanted;) {
        const auto bytes = std::min<std::int64_t>(wanted - at, static_cast<std::int64_t>(zeros.size()));
        if (log->pMethods->xWrite(log, zeros.data(), static_cast<int>(bytes), at) != SQLITE_OK) return;
        at += bytes;
    }
    known_size_ = wanted;
}

}  // namespace distd::sqlite
