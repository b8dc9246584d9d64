// The write-ahead log that a crashed process left, before anything of it is shown.
//
// SQLite takes the first frame that does not fit for the end of the log, as it has to where a crash tore the
// last commit. So one wrong byte would take all commits behind it along. What is behind the end tells the
// two apart: a commit is synced before anything is appended to it, so a commit with a frame that fits it was
// acknowledged. At most the frames of commits that failed or were torn lie there, which nothing follows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

struct sqlite3;

namespace distd::sqlite {

// Makes the log durable: by writing it again, since after a failed sync the system takes its pages for
// written. Returns how it is damaged, and has changed nothing then; empty: it is not. For the holder of the
// write lock; throws store_error.
[[nodiscard]] std::string make_log_durable(sqlite3*, const std::filesystem::path& file);

// Whether so many frames of the round with these salts are as they were written. To be asked before they are
// copied: a copy that ends at a wrong one leaves the main file with pages of commits that the next process
// may cut off. A log that another process has begun anew is whole: all that was in it has been copied.
[[nodiscard]] bool is_log_whole(sqlite3*, std::uint32_t frames, std::string salts) noexcept;

}  // namespace distd::sqlite
