// Looks after the write-ahead log of a database: has it copied into the main file once in a while, and keeps
// room in it that was written before. A commit that makes the file longer waits for the file system's own
// journal as well; over zeros that lie there already it takes half of the time and of the processor.
#pragma once

#include <cstdint>

struct sqlite3;

namespace distd::sqlite {

class wal_keeper {
public:
    wal_keeper() = default;
    wal_keeper(const wal_keeper&) = delete;
    wal_keeper& operator=(const wal_keeper&) = delete;

    void attach(sqlite3*, std::int64_t page_bytes);
    // Commits that leave as many pages in the log have it copied: at its end it is begun anew.
    void copy_after(int pages) noexcept { copied_after_ = pages; }
    // For whoever holds the write lock, so that nobody else makes the log longer meanwhile. Of no consequence
    // when it fails: the disk may be full, and the commit will say so.
    void make_room() noexcept;

private:
    [[nodiscard]] static int on_commit(void* self, sqlite3*, const char* schema, int pages);

    sqlite3* database_ = nullptr;
    std::int64_t page_bytes_ = 0;
    std::int64_t used_ = 0;        // of the log, as of our last commit
    std::int64_t known_size_ = 0;  // it has at least that
    int copied_after_ = 1000;
};

}  // namespace distd::sqlite
