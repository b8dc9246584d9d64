// An append-only journal of JSON lines in segments (see segment_format.hpp). Lines get consecutive numbers,
// and a committed line is found again after any crash; an uncommitted one never is. Opening cuts a torn tail
// and goes on with the next number; damaged batches are skipped, named and counted, never fatal.
//
// It is the target of a commit_queue: `append` is for jobs, on its thread. `segments`, `next` and
// `forget_oldest` are for any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/commit_pad.hpp"
#include "store/commit_queue.hpp"
#include "store/posix_file.hpp"
#include "store/segment_format.hpp"

namespace distd {

// A place that cannot be read back.
struct damage {
    std::filesystem::path file;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::string reason;
};

// What was read of some whole batches: their lines, each with its line end.
struct journal_text {
    struct stretch {
        std::uint64_t first;  // number of its first line
        std::uint64_t lines;
        std::size_t start;  // in the text
        std::size_t end;
    };
    std::string text;
    std::vector<stretch> batches;
};

// One file of the journal, shared by the writer and the readers. All members may be used on any thread.
class segment {
public:
    // Whole batches, some hundred KiB of them: what a reader reads at a time.
    struct block {
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::uint64_t first = 0;  // number of its first line
    };

    segment(disk& storage, std::filesystem::path file, std::uint64_t first_line)
        : storage_(storage), file_(std::move(file)), first_(first_line) {}

    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
    // Of committed batches. A segment of an earlier run is looked through when it is first asked.
    [[nodiscard]] std::vector<block> blocks();
    void add(block batch);

    // What a reader read of a block and found sound, for those who come after it: the newest lines are asked
    // for most. Of the segment that is written to only, so it is bounded by the size of one.
    [[nodiscard]] std::shared_ptr<const journal_text> kept(const block&) const;
    void keep(const block&, std::shared_ptr<const journal_text>);
    void keep_no_more();

private:
    disk& storage_;
    const std::filesystem::path file_;
    const std::uint64_t first_;
    mutable std::mutex mutex_;  // guards what follows
    std::vector<block> blocks_;
    std::map<std::uint64_t, std::shared_ptr<const journal_text>> kept_;  // by the block's offset
    bool keeps_ = true;
};

class segment_journal final : public commit_target {
public:
    struct setup {
        std::filesystem::path directory;
        std::uint64_t segment_bytes = 64 << 20;  // a segment that has reached it is followed by the next
        bool sync_each_commit = true;
        std::size_t remembered_ids = 4096;
        // Where commits are made durable when they come often: see commit_pad.hpp. Empty: never.
        std::filesystem::path pad{};
        std::uint64_t pad_bytes = 4 << 20;
        std::uint64_t commits_before_pad = 1000;
        // Lines up to this one are kept elsewhere: segments that hold no others are deleted at the start.
        std::uint64_t kept_elsewhere = 0;
        disk& storage = real_disk();
    };
    struct recovery {
        std::uint64_t torn_bytes = 0;      // cut: they belonged to no committed batch
        std::uint64_t replayed_bytes = 0;  // had not reached the disk, and were found on the pad
        std::vector<damage> damaged;
    };
    struct placed {
        std::uint64_t first = 0;
        std::uint64_t lines = 0;
        bool repeated = false;  // a batch of that id had been taken before, and lies there
    };

    explicit segment_journal(setup);  // throws store_error
    ~segment_journal() override;

    [[nodiscard]] const recovery& recovered() const noexcept { return recovery_; }
    [[nodiscard]] disk& storage() const noexcept { return setup_.storage; }
    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return setup_.directory; }
    // The first line's number, by the name of a segment's file.
    [[nodiscard]] static std::optional<std::uint64_t> first_of(const std::filesystem::path& file);

    // `lines`: JSON objects without a member "seq", each with its line end. `id`: the sender's, or empty.
    placed append(std::string_view lines, std::uint64_t count, std::string_view id = {});
    void sync();         // what is committed but not yet synced
    void end_segment();  // the next batch begins another one

    void begin() override;
    void commit() override;
    void rollback() noexcept override;

    [[nodiscard]] std::vector<std::shared_ptr<segment>> segments() const;  // oldest first
    [[nodiscard]] bool has_closed_segments() const;  // before the one that is written to
    [[nodiscard]] std::uint64_t next() const;        // number of the next line to be committed
    // Takes the oldest segment out of the journal, which is not the one that is written to, and deletes its
    // file. Readers that were in it find it gone. Any thread.
    void forget_oldest();

private:
    void recover();
    void drop_what_is_kept_elsewhere();
    [[nodiscard]] bool recover_last(const std::shared_ptr<segment>&);
    void close_batch();
    void write_out();
    void make_durable(std::string_view written);
    [[nodiscard]] bool put_on_pad(std::string_view written);
    void give_up_pad() noexcept;
    void replay_pad();
    void open_segment(std::uint64_t first);
    void remember(sender_batch);

    const setup setup_;
    recovery recovery_;

    // The writer's.
    std::shared_ptr<segment> active_;  // readers see it with its first commit
    posix_file file_;                  // its file
    std::uint64_t file_bytes_ = 0;     // committed
    bool dirty_ = false;               // written since the last sync
    std::unique_ptr<commit_pad> pad_;  // once commits come often
    bool pad_failed_ = false;
    std::uint64_t commits_ = 0;     // without it
    bool ended_ = false;            // the next batch begins another segment
    bool must_truncate_ = false;    // something uncommitted may lie behind file_bytes_
    std::deque<sender_batch> ids_;  // the oldest first
    std::set<std::string, std::less<>> known_ids_;
    // Of the open transaction.
    std::string out_;    // whole batches that are not written yet
    std::string lines_;  // of the batch that is being gathered
    batch_trailer gathering_;
    std::vector<segment::block> written_;
    std::vector<sender_batch> new_ids_;
    std::uint64_t write_position_ = 0;  // in the file: the end of what `out_` will have added
    std::uint64_t next_line_ = 1;

    mutable std::mutex mutex_;  // guards what follows
    std::vector<std::shared_ptr<segment>> segments_;
    std::uint64_t next_committed_ = 1;
};

}  // namespace distd
