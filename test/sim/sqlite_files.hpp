// How SQLite gets to a `disk`: a VFS whose files are the disk's, with locks and shared memory in this
// process' memory. All that SQLite draws and measures by it comes from a seed, so that runs repeat.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/chance.hpp"

namespace distd::sim {

class page_disk;

class sqlite_files {
public:
    sqlite_files(page_disk&, std::uint64_t seed);
    ~sqlite_files();
    sqlite_files(const sqlite_files&) = delete;
    sqlite_files& operator=(const sqlite_files&) = delete;

    [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }
    // Locks and shared memory end with the process that had them.
    void forget();

    // What connections to one file share.
    struct shared {
        std::vector<std::unique_ptr<std::string>> regions;
        int readers[SQLITE_SHM_NLOCK] = {};
        const void* writer[SQLITE_SHM_NLOCK] = {};
        int attached = 0;
        // Of the file itself: how many hold which, by SQLite's levels.
        std::map<const void*, int> levels;
    };
    [[nodiscard]] std::shared_ptr<shared> shared_of(const std::string& file);
    [[nodiscard]] page_disk& on() noexcept { return disk_; }
    void note(int error_number) noexcept { last_error_ = error_number; }
    [[nodiscard]] int last_error() const noexcept { return last_error_; }
    [[nodiscard]] chance& draws() noexcept { return chance_; }

private:
    page_disk& disk_;
    std::string name_;
    chance chance_;
    int last_error_ = 0;
    std::map<std::string, std::shared_ptr<shared>> shared_;
    sqlite3_vfs vfs_{};
};

}  // namespace distd::sim
