// Checksums for the pages of SQLite's main files, so that what a disk changed by itself is an error and never
// a value. SQLite leaves the last bytes of each page to whoever asks for them when a file is new; a VFS
// between SQLite and the disk fills them in and looks at them. Other programs read such a file as any other.
// Earlier versions took 8 bytes, with the sums of SQLite's own extension `cksumvfs`; such files stay so, and
// those that were made without stay as they are, unchecked.
#pragma once

#include <sqlite3.h>

#include <string>

namespace distd::sqlite {

// A VFS by that name for as long as this lives.
class page_checksums {
public:
    explicit page_checksums(const char* below);  // the VFS that has the files; null: SQLite's own
    ~page_checksums();
    page_checksums(const page_checksums&) = delete;
    page_checksums& operator=(const page_checksums&) = delete;

    [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }
    // For a connection to a file without a page so far.
    static void ask_for_room(sqlite3*) noexcept;

    struct layer {
        sqlite3_vfs vfs;
        sqlite3_vfs* below;
    };

private:
    std::string name_;
    layer layer_{};
};

}  // namespace distd::sqlite
