// A disk that lets itself be read only, as file systems become after an error of the hardware: whatever
// SQLite would write into its files fails, for as long as this lives.
#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>

namespace distd::test {

class read_only_disk {
public:
    // Before the first database is opened: from then on SQLite writes by way of this.
    static void watch_sqlite() {
        auto* const files = sqlite3_vfs_find(nullptr);
        REQUIRE(files);
        for (const auto* call : {"write", "pwrite", "pwrite64"})
            if (files->xGetSystemCall(files, call)) set(files, call);
    }

    read_only_disk() { refuses() = true; }
    ~read_only_disk() { refuses() = false; }
    read_only_disk(const read_only_disk&) = delete;
    read_only_disk& operator=(const read_only_disk&) = delete;

private:
    static std::atomic<bool>& refuses() {
        static std::atomic<bool> now = false;
        return now;
    }
    static ssize_t refused() {
        errno = EROFS;
        return -1;
    }
    static ssize_t write(int file, const void* bytes, std::size_t size) {
        return refuses() ? refused() : ::write(file, bytes, size);
    }
    static ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t at) {
        return refuses() ? refused() : ::pwrite(file, bytes, size, at);
    }
    static void set(sqlite3_vfs* files, const std::string& call) {
        const auto ours = call == "write" ? reinterpret_cast<sqlite3_syscall_ptr>(&read_only_disk::write)
                                          : reinterpret_cast<sqlite3_syscall_ptr>(&read_only_disk::pwrite);
        REQUIRE(files->xSetSystemCall(files, call.c_str(), ours) == SQLITE_OK);
    }
};

}  // namespace distd::test
