// Maintains the write-ahead log (WAL) of a database: checkpoints it now and then, and preallocates it with
// zeros. A commit that makes the file longer waits for the file system's own journal as well; over zeros that
// were written before it takes half of the time and of the processor.
//
// When a checkpoint fails it is not known which of the pages copied so far are on the disk: all of the log is
// copied again from then on, and it is not reset before that has succeeded.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

struct sqlite3;

namespace distd::sqlite {

class wal_keeper {
public:
    wal_keeper() = default;
    wal_keeper(const wal_keeper&) = delete;
    wal_keeper& operator=(const wal_keeper&) = delete;

    void attach(sqlite3*, std::int64_t page_bytes);
    // A commit that leaves as many pages in the log checkpoints it; then the log starts over.
    void copy_after(int pages) noexcept { copied_after_ = pages; }
    // A log that a large transaction has made longer may be truncated to that when it starts over.
    [[nodiscard]] std::int64_t max_bytes() const noexcept { return 2 * room_at_most(); }
    // For the holder of the write lock, so that the log is not made longer meanwhile. Of no consequence
    // when it fails: the disk may be full, and the commit will say so.
    void make_room() noexcept;

    // Why no more may be written for now; empty: it may. To be called before each transaction.
    [[nodiscard]] std::string refusal();
    [[nodiscard]] bool may_be_copied() const noexcept { return !must_forget_ && is_whole(); }
    // The errno of the last call for the log that failed; 0: unknown.
    [[nodiscard]] int error_number() const noexcept;
    // How a copy failed since this was last asked; empty: none did.
    [[nodiscard]] std::string take_warning() noexcept { return std::exchange(warning_, {}); }

private:
    [[nodiscard]] static int on_commit(void* self, sqlite3*, const char* schema, int pages);
    [[nodiscard]] std::int64_t room_at_most() const noexcept;
    [[nodiscard]] bool copy();
    [[nodiscard]] bool is_whole() const noexcept;  // the log, as far as it counts
    [[nodiscard]] bool forget_copied() noexcept;

    sqlite3* database_ = nullptr;
    std::int64_t page_bytes_ = 0;
    std::int64_t used_ = 0;        // of the log, as of our last commit
    std::int64_t known_size_ = 0;  // it has at least that
    int pages_ = 0;                // in the log, as of our last commit
    int copied_after_ = 1000;
    int copied_at_ = 0;         // not before it has so many pages: the last copy failed
    bool must_forget_ = false;  // how far the log was copied
    std::string warning_;
};

}  // namespace distd::sqlite
