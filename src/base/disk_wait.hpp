// Which threads wait for a disk right now, and for which file. A disk that never answers holds its caller for
// ever: no timeout and no signal ends an fdatasync. Whoever has to go on all the same (see sdk/process/
// stop_limit) learns here what holds the others up.
//
// One lives around each call of the real disk, which costs two uncontended locks beside a system call, around
// what SQLite does there, and around the few other reads of files on the loop: tokens, certificates.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace distd {

class disk_wait {
public:
    // The name outlives it.
    explicit disk_wait(const char* file) noexcept;
    explicit disk_wait(const std::filesystem::path& file) noexcept : disk_wait(file.c_str()) {}
    ~disk_wait();
    disk_wait(const disk_wait&) = delete;
    disk_wait& operator=(const disk_wait&) = delete;

    struct pending {
        std::uint64_t id = 0;  // of this one wait: no other has the same
        std::string file;
    };
    // The one that began first, of this process. Any thread.
    [[nodiscard]] static std::optional<pending> oldest();

private:
    struct list;
    static list& all();

    const char* const file_;
    std::uint64_t id_ = 0;
    disk_wait* before_ = nullptr;  // in the order of their beginnings
    disk_wait* after_ = nullptr;
};

}  // namespace distd
