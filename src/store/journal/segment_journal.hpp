// An append-only journal of JSON lines in segments (see segment_format.hpp). Lines get consecutive numbers,
// and a committed line is found again after any crash; an uncommitted one never is. Opening cuts a torn tail
// (segment_recovery.hpp) and goes on with the next number; damaged batches are skipped, named and counted,
// never fatal.
//
// A sync that failed is final: Linux takes the pages that it did not get to the disk for clean, and the next
// sync succeeds and means nothing. So after any failure the segment is taken back to what was committed, all
// of that which no sync has covered is written to it again (from the pad, or from where it is read back and
// found whole), and a sync of that has to succeed; only then does the pad begin anew or go, and the next
// commit begin. Until then the journal is closed, and says why. For the same reason whatever a dead life left
// is written again and synced before anything of it is shown.
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

// How a sender names a batch of its own.
struct batch_label {
    std::string id{};       // empty: it does not
    std::string sender{};   // ids of different senders have nothing to do with each other
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
        // Where commits are made durable when they come often: see commit_pad.hpp. Empty: never.
        std::filesystem::path pad{};
        std::uint64_t pad_bytes = 4 << 20;
        std::uint64_t commits_before_pad = 1000;
        // Lines up to this one are kept elsewhere: segments that hold no others are deleted at the start.
        std::uint64_t kept_elsewhere = 0;
        disk& storage = real_disk();
    };
    struct recovery {
        std::uint64_t torn_bytes = 0;      // cut: nobody was promised them
        std::uint64_t replayed_bytes = 0;  // had not reached the disk, and were found on the pad
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
    void end_segment();  // the next batch begins another one

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
    void replay_pad();
    [[nodiscard]] bool recover_last(const std::shared_ptr<segment>&, bool was_closed);
    void set_aside(const segment&, const segment_contents&);
    void make_recovered_durable();
    void write_out_mark();
    void close_batch();
    void open_segment(std::uint64_t first);
    void save_ids();
    void write_out();
    void make_durable(std::string_view written);
    [[nodiscard]] bool put_on_pad(std::string_view written);
    void drop_pad();
    [[noreturn]] void give_up(const store_error&);
    void restore();
    void write_again_what_no_sync_covered();
    void set_closed(std::string reason);
    [[nodiscard]] std::uint64_t running_seconds(steady_point);

    const setup setup_;
    recovery recovery_;

    // The writer's.
    std::shared_ptr<segment> active_;        // readers see it with its first commit
    posix_file file_;                        // its file
    std::uint64_t file_bytes_ = 0;           // committed
    std::uint64_t synced_ = 0;               // of them
    bool dirty_ = false;                     // written since the last sync
    bool uncommitted_ = false;               // something uncommitted may lie behind file_bytes_
    bool sync_failed_ = false;               // and nothing that it should have covered was written again
    bool may_be_there_ = false;              // whole batches of the open transaction were written
    bool ended_ = false;                     // the next batch begins another segment
    bool may_be_marked_ = false;             // lines were committed that no batch says are on the disk
    std::unique_ptr<doublewrite_file> pad_;  // once commits come often
    bool pad_failed_ = false;
    std::uint64_t commits_ = 0;  // without it
    batch_memory memory_;
    batch_id_files id_files_;
    std::size_t unsaved_ids_ = 0;  // the newest of them lie in the segment only
    std::uint64_t seconds_ = 0;    // in use, with all earlier lives
    std::optional<steady_point> last_time_;
    // Of the open transaction.
    std::string out_;    // whole batches that are not written yet
    std::string lines_;  // of the batch that is being gathered
    batch_trailer gathering_;
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
