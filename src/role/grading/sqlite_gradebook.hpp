// The grade book in one SQLite file, written by one thread with group commit and read by another one beside
// it; by several processes at a time when it is shared. A new file starts with the students that the protocol
// names; an existing one is never seeded.
#pragma once

#include <filesystem>

#include "role/grading/command_writer.hpp"
#include "role/grading/gradebook.hpp"
#include "role/grading/store_turn.hpp"
#include "store/blocking_pool.hpp"
#include "store/commit_queue.hpp"
#include "store/sqlite/sqlite.hpp"

namespace distd::grading {

class sqlite_gradebook final : public gradebook {
public:
    struct place {
        std::filesystem::path file;
        std::filesystem::path copy_file;  // of this process alone
        bool is_shared = false;
        disk& storage = real_disk();
        answer_limits answers{};
    };
    // Throws store_error when the file cannot be used.
    sqlite_gradebook(place, executor loop);

    [[nodiscard]] commit_queue& queue() noexcept { return queue_; }
    [[nodiscard]] blocking_pool& readers() noexcept { return reader_; }
    // Answers to idempotency keys, for want of room.
    [[nodiscard]] std::uint64_t forgotten_early() const noexcept {
        return writer_.answers().forgotten_early();
    }

    [[nodiscard]] contents load() override;  // before the first command
    [[nodiscard]] task<result<std::vector<history_entry>>> history(history_query) override;
    [[nodiscard]] task<result<std::vector<history_entry>>> latest(std::int64_t student_id, std::int64_t until,
                                                                  std::int64_t limit) override;
    [[nodiscard]] bool is_shared() const noexcept override { return turn_ != nullptr; }
    [[nodiscard]] std::uint64_t commits() const noexcept override { return turn_ ? turn_->commits() : 0; }
    [[nodiscard]] task<result<std::unique_ptr<copy>>> make_copy() override;

private:
    class file_copy;

    // Writes when it is this process' turn, and lets the others know of each commit.
    class fair_target final : public commit_target {
    public:
        fair_target(sqlite::database& db, command_writer& writer, store_turn* turn)
            : db_(db), writer_(writer), turn_(turn) {}
        void begin() override;
        void commit() override;
        void rollback() noexcept override { db_.rollback(); }
        [[nodiscard]] std::string take_warning() override { return db_.take_warning(); }

    private:
        sqlite::database& db_;
        command_writer& writer_;
        store_turn* turn_;
    };

    void begin_change(command, origin, completion<result<outcome>> on_done) override;
    [[nodiscard]] std::vector<history_entry> read_history(const history_query&);
    [[nodiscard]] static std::vector<history_entry> entries_of(sqlite::cursor);

    disk& storage_;
    std::filesystem::path copy_file_;
    bool copying_ = false;              // `copy_file_` belongs to a copy
    std::unique_ptr<store_turn> turn_;  // null: nobody else is on the store
    std::optional<held_turn> opening_;  // two processes must not make the tables both
    sqlite::database written_;
    sqlite::database read_;  // sees what is committed, and holds up no writer
    command_writer writer_;
    fair_target target_;
    commit_queue queue_;  // these two last: their threads use the databases
    blocking_pool reader_;
};

}  // namespace distd::grading
