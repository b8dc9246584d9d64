// A write-ahead journal of JSON lines in segments (see segment_format.hpp). Lines get consecutive numbers,
// and a committed line is found again after any crash; an uncommitted one never is. Opening truncates a torn
// tail (segment_recovery.hpp) and goes on with the next number; damaged batches are skipped, reported and
// counted, never fatal.
//
// What a commit promises. When `commit` returns, its lines are on the disk: either in the segment, which was
// synced, or in the doublewrite file (doublewrite_file.hpp), which is cheaper to sync, while the segment
// holds them in the page cache only. With sync_each_commit off they are written, and on the disk after the
// next `sync`. When `commit` throws storage_full or storage_failed, nothing of it is stored or ever will be;
// when it throws outcome_unknown, the whole batch may be found at the next start.
//
// Why the doublewrite file. A sync of a file that has grown makes the file system commit its own journal,
// too. The doublewrite file has a fixed size and was written before, so that a sync of it moves the bytes and
// nothing else. It is used for small commits, once they come often, and emptied whenever the segment has been
// synced. It is removed when the journal is closed in order: what a start finds on it has to go to the
// segment.
//
// A sync that failed is final: Linux marks the pages that did not reach the disk as clean, and the next sync
// succeeds without writing them. So after any failure the journal restores itself: it truncates the segment
// to what was committed, writes again all of that which no sync has covered (from the doublewrite file, or as
// it is read back and found sound), and syncs. Only when that succeeds is the doublewrite file emptied or
// removed, and the next commit begun. Until then the journal is closed, and says why; each `begin` tries
// again. For the same reason an opening writes again and syncs what a crashed process left, before anything
// of it is shown.
//
// It is the target of a commit_queue: `append` is for jobs, on its thread. `segments`, `next`, `why_closed`
// and `forget_oldest` are for any thread.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/commit_queue.hpp"
#include "store/journal/batch_id_files.hpp"
#include "store/journal/batch_memory.hpp"
#include "store/journal/doublewrite_file.hpp"
#include "store/journal/segment.hpp"
#include "store/journal/segment_format.hpp"
#include "store/journal/segment_recovery.hpp"
#include "store/posix_file.hpp"

namespace distd {

// How a sender identifies a batch of its own, so that a retry is stored once.
struct batch_label {
    std::string id{};       // empty: it does not
    std::string sender{};   // ids of different senders are unrelated
    std::string content{};  // a hash of what was sent
    steady_point at{};      // when it came
};

class segment_journal final : public commit_target {
public:
    struct setup {
        std::filesystem::path directory;
        std::uint64_t segment_bytes = 64 << 20;  // a segment that has reached it is followed by the next
        bool sync_each_commit = true;
        batch_memory_limits remembered{};
        // Where commits are made durable when they come often: see doublewrite_file.hpp. Empty: never.
        std::filesystem::path doublewrite{};
        std::uint64_t doublewrite_bytes = 4 << 20;
        std::uint64_t commits_before_doublewrite = 1000;
        // Lines up to this one are kept elsewhere: segments that hold no others are deleted at the start,
        // unless that other place is in doubt.
        std::uint64_t kept_elsewhere = 0;
        bool deletes_what_is_kept = true;
        disk& storage = real_disk();
    };
    struct recovery {
        std::uint64_t torn_bytes = 0;  // truncated: they had not been committed
        std::uint64_t replayed_bytes =
            0;  // had not reached the segment, and were found in the doublewrite file
        std::vector<damage> damaged;
    };
    struct placed {
        std::uint64_t first = 0;
        std::uint64_t lines = 0;
        bool repeated = false;     // a batch of that id had been taken before, and lies there
        bool contradicts = false;  // so it does, and it was another one: nothing is stored

        [[nodiscard]] bool is_new() const noexcept { return !repeated && !contradicts; }
    };

    explicit segment_journal(setup);  // throws store_error
    ~segment_journal() override;

    [[nodiscard]] const recovery& recovered() const noexcept { return recovery_; }
    [[nodiscard]] disk& storage() const noexcept { return setup_.storage; }
    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return setup_.directory; }
    // The first line's number, by the name of a segment's file.
    [[nodiscard]] static std::optional<std::uint64_t> first_of(const std::filesystem::path& file);

    // `lines`: JSON objects without a member "seq", each with its line end.
    placed append(std::string_view lines, std::uint64_t count, const batch_label& = {});
    void sync();         // what is committed but not yet synced
    void end_segment();  // the next batch begins another segment

    void begin() override;
    void commit() override;
    void rollback() noexcept override;

    [[nodiscard]] std::vector<std::shared_ptr<segment>> segments() const;  // oldest first
    [[nodiscard]] bool has_closed_segments() const;  // before the one that is written to
    [[nodiscard]] std::uint64_t next() const;        // number of the next line to be committed
    // Why nothing is written at the moment; empty: it is. The next `begin` tries to open it again.
    [[nodiscard]] std::string why_closed() const;
    // Takes the oldest segment out of the journal, which is not the one that is written to, and deletes its
    // file. Readers that were in it find it gone. Any thread.
    void forget_oldest();

private:
    void recover();
    void drop_what_is_kept_elsewhere();
    void read_ids();
    [[nodiscard]] std::uint64_t replay_doublewrite();
    [[nodiscard]] bool recover_last(const std::shared_ptr<segment>&, bool was_closed,
                                    std::uint64_t committed);
    [[nodiscard]] bool has_damaged_doublewrite() const;
    void set_doublewrite_aside();
    void set_aside(const segment&, const segment_contents&);
    void make_recovered_durable();
    void write_synced_mark();
    void close_batch();
    void open_segment(std::uint64_t first);
    void save_ids();
    void write_out();
    void make_durable(std::string_view written);
    [[nodiscard]] bool write_twice(std::string_view written);
    void drop_doublewrite();
    [[noreturn]] void fail(const store_error&);
    void restore();
    void rewrite_unsynced();
    void set_closed(std::string reason);
    [[nodiscard]] std::uint64_t running_seconds(steady_point);

    const setup setup_;
    recovery recovery_;

    // The writer thread's. Of the segment's file, bytes up to `synced_` are on the disk, those up to
    // `file_bytes_` are committed (what lies between is in the doublewrite file, or waits for a sync), and
    // those behind are not.
    std::shared_ptr<segment> active_;  // readers see it with its first commit
    posix_file file_;                  // its file
    std::uint64_t file_bytes_ = 0;
    std::uint64_t synced_ = 0;
    bool dirty_ = false;        // written to since the last sync
    bool uncommitted_ = false;  // there may be bytes behind file_bytes_: to be truncated after a failure
    bool sync_failed_ = false;  // a restore has to rewrite everything from `synced_` on
    bool may_be_there_ =
        false;                 // whole batches of the open transaction were written: the outcome is in doubt
    bool ended_ = false;       // the next batch begins another segment
    bool needs_mark_ = false;  // lines were committed after the last batch that says what is synced
    std::unique_ptr<doublewrite_file> doublewrite_;  // null until commits come often
    bool doublewrite_failed_ = false;  // it is not used any more, and removed with the next sync
    std::uint64_t commits_ = 0;        // since the doublewrite file was last dropped
    batch_memory memory_;
    batch_id_files id_files_;
    std::size_t unsaved_ids_ = 0;     // the newest of memory_ stand in the segment only
    std::uint64_t acknowledged_ = 0;  // the lines before that one were on the disk, as files of ids say
    std::uint64_t seconds_ = 0;       // that the journal was in use, over all restarts
    std::optional<steady_point> last_time_;
    // The open transaction: appended lines are gathered in `lines_`, closed into batches in `out_`, and
    // written.
    std::string out_;          // whole batches that are not written yet
    std::string lines_;        // of the batch that is not closed yet
    batch_trailer gathering_;  // its trailer
    std::vector<segment::block> written_;
    std::size_t new_ids_ = 0;
    std::uint64_t write_position_ = 0;  // in the file: the end of what `out_` will have added
    std::uint64_t next_line_ = 1;

    mutable std::mutex mutex_;  // guards what follows
    std::vector<std::shared_ptr<segment>> segments_;
    std::uint64_t next_committed_ = 1;
    std::string closed_;
};

}  // namespace distd
