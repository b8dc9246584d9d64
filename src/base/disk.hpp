// The door to files: whatever stores do on disk, and the data folders in which they lie, goes through a
// `disk`. The real one makes system calls; tests put another in its place, which forgets, refuses and fails
// as disks do. Any thread. A failure is a code of the generic category: the system's own number.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <distd/result.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

class disk {
public:
    using path = std::filesystem::path;

    // `direct`: as in_place, past the page cache and durable when a write returns. Memory, offsets and sizes
    // are multiples of `direct_unit`. The file is there. Not every file system has it.
    enum class mode : std::uint8_t { read, append, create_new, in_place, direct };
    static constexpr std::size_t direct_unit = 4096;

    enum class patience : std::uint8_t { waits, does_not_wait };

    // Closed with its end. Files are made with mode 0600.
    class file {
    public:
        file() = default;
        file(const file&) = delete;
        file& operator=(const file&) = delete;
        virtual ~file() = default;
        // May take, or give, fewer bytes than it could. None read: that is the end.
        [[nodiscard]] virtual result<std::size_t> append(std::string_view bytes) = 0;
        [[nodiscard]] virtual result<std::size_t> write_at(std::uint64_t offset, std::string_view bytes) = 0;
        [[nodiscard]] virtual result<std::size_t> read_at(std::uint64_t offset, char* out,
                                                          std::size_t size) = 0;
        [[nodiscard]] virtual result<std::uint64_t> size() = 0;
        [[nodiscard]] virtual result<> sync() = 0;  // fdatasync
        [[nodiscard]] virtual result<> truncate(std::uint64_t size) = 0;
        [[nodiscard]] virtual result<> allocate(
            std::uint64_t size) = 0;  // it has so many bytes, and room for them
        // Against other processes; ends with the file.
        [[nodiscard]] virtual result<> lock(patience) = 0;
        virtual void unlock() noexcept = 0;
        // Memory that all processes share which have the file mapped. Ends with the file.
        [[nodiscard]] virtual result<void*> map(std::size_t size) = 0;
    };

    struct status {
        std::uint64_t size = 0;
        std::int64_t written_ns = 0;  // since 1970
    };
    struct room {
        std::uint64_t capacity = 0;
        std::uint64_t available = 0;
    };

    // Who may change what is there. Of a folder: who may add, exchange and remove what is in it.
    enum class owner : std::uint8_t { ours, root, somebody };
    enum class links : std::uint8_t { are_followed, are_not_followed };  // when they are the last part
    struct rights {
        disk::owner owner = owner::ours;
        bool others_may_write = false;
        bool only_owners_move = false;  // each may exchange what is theirs
        bool is_link = false;
        bool has_other_names = false;  // a file
        bool is_file = true;           // and no folder, link, pipe, socket or device
        bool others_may_read = false;
    };

    disk() = default;
    disk(const disk&) = delete;
    disk& operator=(const disk&) = delete;
    virtual ~disk() = default;

    [[nodiscard]] virtual result<std::unique_ptr<file>> open(const path&, mode) = 0;
    [[nodiscard]] virtual bool exists(const path&) = 0;
    [[nodiscard]] virtual result<status> look_at(const path&) = 0;
    // A disk without users has nobody else.
    [[nodiscard]] virtual result<rights> rights_of(const path&, links) { return rights{}; }
    virtual result<> remove(const path&) = 0;  // none of that name: not an error
    [[nodiscard]] virtual result<> rename(const path& from, const path& to) = 0;
    virtual result<> link(const path& from, const path& to) = 0;
    [[nodiscard]] virtual result<std::vector<path>> list(const path& directory) = 0;
    // Below one that is there. No failure when it is there, too, unless that is something else.
    [[nodiscard]] virtual result<> make_directory(const path&, unsigned mode) = 0;
    // With those above it, as far as they are missing. Durable when it returns, also when it was there: a
    // process that died may have made it. One that is made has mode 0700.
    [[nodiscard]] result<> make_directories(const path&);
    // What was made, renamed and removed in it is durable only after this. A failure is final: the system
    // gives up what it could not write, and a later sync would succeed without meaning anything. So all
    // further ones of that directory fail, with EIO, until the process starts again. What opens a store then
    // makes those names anew on which it relies and which may be lost.
    [[nodiscard]] result<> sync_directory(const path&);
    // Whether a sync of it has failed: nothing that is made in it now will be durable.
    [[nodiscard]] bool has_lost_names(const path& directory) const;
    [[nodiscard]] virtual result<room> space(const path&) = 0;
    // The VFS by which SQLite gets to this disk; null: its own.
    [[nodiscard]] virtual const char* sqlite_vfs() const noexcept = 0;

protected:
    // Another process begins, where a test has several one after the other.
    void forget_lost_names();

private:
    [[nodiscard]] virtual result<> flush_directory(const path&) = 0;

    mutable std::mutex mutex_;  // guards what follows
    std::set<std::string> lost_names_in_;
    std::set<std::string> being_synced_;
    std::condition_variable sync_ended_;
};

// This machine's.
[[nodiscard]] disk& real_disk() noexcept;

}  // namespace distd
