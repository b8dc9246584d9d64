// A disk in memory that behaves as disks do when the power goes, when they are full, and when they are sick.
// Bytes are durable after a sync of their file, names after a sync of their directory; until then any part of
// them may be lost (page_file). A sync that fails is final: what it should have covered is shown as it was
// changed, and no later sync takes it to the disk. What was durable may change by itself. What goes wrong is
// drawn from a seed, as often as `faults` says.
//
//     page_disk d(chance);
//     { segment_journal j({.directory = "/d", .storage = d}); ... d.kill(); }  // or crash(), when all is
//     closed d.start();                                                    // a new process finds what is
//     left
//
// Any thread, one call at a time.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/disk.hpp"
#include "sim/page_file.hpp"

namespace distd::sim {

class sqlite_files;

// One call in so many fails; 0: none.
struct faults {
    std::uint64_t write_fails = 0;
    std::uint64_t sync_fails = 0;
    std::uint64_t read_fails = 0;
    std::uint64_t is_full = 0;     // a write that makes a file longer
    std::uint64_t name_fails = 0;  // to make, rename or remove one
    std::uint64_t goes_short = 0;  // reads and writes that take less than they could
    std::uint64_t rots = 0;        // reads that find what they read changed, from then on; no error

    [[nodiscard]] bool any() const noexcept {
        return write_fails + sync_fails + read_fails + is_full + name_fails > 0;
    }
};

// What the disk changed by itself.
struct rotten_place {
    disk::path file;
    std::uint64_t at = 0;
    std::string content;  // of the file, as it was
};

class page_disk final : public disk {
public:
    explicit page_disk(std::uint64_t seed);
    ~page_disk() override;

    faults odds;
    // Of this file or directory alone, instead of those.
    std::map<std::string, faults> odds_of;
    // Some call may fail by these.
    [[nodiscard]] bool is_sick() const noexcept;
    [[nodiscard]] bool may_fail_to_read() const noexcept;
    // While it is, nothing gets longer and nothing new is made. A name may find room where another one went.
    bool full = false;
    // The process dies within that call, which may have done a part of its work.
    std::uint64_t calls_until_death = std::numeric_limits<std::uint64_t>::max();

    // The process dies: what is open fails from now on, all of it, and so does everything new until `start`.
    // What it wrote stays in the page cache.
    void kill();
    // And the power goes, too.
    void crash();
    void start();
    [[nodiscard]] bool is_down() const noexcept { return down_; }
    // What there is now is durable: the end of a preparation.
    void settle();

    // Bytes that change by themselves, of a file that is drawn.
    void rot();
    std::function<void(const rotten_place&)> on_rot;
    bool rots_when_read = true;                 // where the odds say so
    [[nodiscard]] bool is_rotten();             // some file is
    [[nodiscard]] bool is_rotten(const path&);  // or was, before that was written over
    [[nodiscard]] bool has_written_over_rot(const path&);
    void restore();                // what was not written over is as it was
    void accept_rot(const path&);  // it stays so

    [[nodiscard]] std::string content(const path&);  // as it is shown; no call of the disk

    // All files and directories.
    [[nodiscard]] std::vector<path> everything() const;

    [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }

    result<std::unique_ptr<file>> open(const path&, mode) override;
    bool exists(const path&) override;
    result<status> look_at(const path&) override;
    result<> remove(const path&) override;
    result<> rename(const path& from, const path& to) override;
    result<> link(const path& from, const path& to) override;
    result<std::vector<path>> list(const path& directory) override;
    result<> make_directory(const path&, unsigned mode) override;
    result<room> space(const path&) override;
    [[nodiscard]] const char* sqlite_vfs() const noexcept override;

    // The process that had it has ended in order, and another one begins.
    void begin_process();
    using disk::has_lost_names;
    [[nodiscard]] bool has_lost_names() const noexcept { return names_were_lost_; }
    // What was made, renamed and removed in it got to the disk by itself, with a file's sync.
    void keep_names_of(const path& directory);

private:
    friend class page_disk_file;
    result<> flush_directory(const path&) override;

    struct inode {
        page_file bytes;
        std::int64_t written_ns = 0;
        const void* locked_by = nullptr;
        std::unique_ptr<std::string> mapped;
        bool is_directory = false;  // its names are in `directories_`
    };
    using inode_ptr = std::shared_ptr<inode>;
    // A change of names, in the order in which they were made.
    struct name_change {
        std::string name;
        inode_ptr now;  // null: removed
        std::string also_removed = {};
    };
    struct directory {
        std::map<std::string, inode_ptr> shown;
        std::map<std::string, inode_ptr> durable;
        std::vector<name_change> since;
    };

    [[nodiscard]] int count_call();  // 0, or why it fails
    [[nodiscard]] directory* directory_of(const path&);
    [[nodiscard]] inode_ptr find(const path&);
    static void apply(std::map<std::string, inode_ptr>&, const name_change&);
    void change(directory&, name_change);
    void lose_names(directory&);
    void touch(inode&) noexcept;
    void rot(const path&, inode&, std::uint64_t from, std::uint64_t to);
    [[nodiscard]] int name_fault(const path&);
    [[nodiscard]] const faults& odds_at(const path&) const;
    [[nodiscard]] bool has_no_room_for_name(const path&);
    void forget_lost_directories();

    mutable std::recursive_mutex mutex_;
    chance chance_;
    std::map<std::string, directory> directories_;  // by path: a parent comes before what is in it
    bool down_ = false;
    bool names_were_lost_ = false;  // in this life
    bool died_now_ = false;         // with the call that was counted last
    std::uint64_t life_ = 1;
    std::uint64_t calls_ = 0;
    std::unique_ptr<sqlite_files> sqlite_;
};

// For as long as this lives the disk does what it is asked.
class without_faults {
public:
    explicit without_faults(page_disk& d)
        : disk_(d), odds_(std::exchange(d.odds, {})), odds_of_(std::exchange(d.odds_of, {})) {}
    ~without_faults() {
        disk_.odds = odds_;
        disk_.odds_of = std::move(odds_of_);
    }
    without_faults(const without_faults&) = delete;
    without_faults& operator=(const without_faults&) = delete;

private:
    page_disk& disk_;
    faults odds_;
    std::map<std::string, faults> odds_of_;
};

}  // namespace distd::sim
