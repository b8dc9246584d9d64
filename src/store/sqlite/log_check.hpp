// What SQLite reads of a write-ahead log is as it was written: it looks at a log's sums only when it recovers
// one, and takes for sound what it reads later, for answers and for the main file. Two small reads more, of
// the frame's head and the sum before it, and the sum itself.
#pragma once

#include <sqlite3.h>

#include <limits>

namespace distd::sqlite {

// Of one connection's file.
class log_check {
public:
    // To be called before each write.
    void note_write(const char* in, int bytes, sqlite3_int64 offset) noexcept;
    // Of what was read: SQLITE_OK, or why it must not be used. Only pages are looked at.
    [[nodiscard]] int check(sqlite3_file& log, const char* page, int bytes, sqlite3_int64 offset) const;

    // A failure to read, by a number that SQLite itself does not use.
    static constexpr int is_damaged = SQLITE_IOERR | (127 << 8);

private:
    static constexpr auto none = std::numeric_limits<sqlite3_int64>::max();

    sqlite3_int64 head_at_ = none;  // of the frame whose head was written last
    int page_bytes_ = 0;            // 0: no frame was written
    // A transaction that does not fit into memory writes pages to the log before its commit, and may write
    // them again in the same frames; the sums from there on are made good by the commit.
    sqlite3_int64 without_sums_from_ = none;
};

}  // namespace distd::sqlite
