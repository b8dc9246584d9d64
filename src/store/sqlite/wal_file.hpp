// The file of a connection's write-ahead log, as SQLite has it open.
#pragma once

#include <sqlite3.h>

namespace distd::sqlite {

// Belongs to the connection; null: there is none.
[[nodiscard]] inline sqlite3_file* log_of(sqlite3* database) noexcept {
    sqlite3_file* log = nullptr;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    return log && log->pMethods ? log : nullptr;
}

// The errno of the file's last call that failed, as its VFS kept it; 0: unknown. `errno` itself may have been
// overwritten since, or never set.
[[nodiscard]] inline int error_number_of(sqlite3_file& file) noexcept {
    int number = 0;
    file.pMethods->xFileControl(&file, SQLITE_FCNTL_LAST_ERRNO, &number);
    return number;
}

}  // namespace distd::sqlite
