// The grade book in one SQLite file, with a writer thread (group commit) and a reader thread; shared by
// several processes if configured. A new file starts with the five students of the protocol; an existing one
// is never seeded.
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
        std::filesystem::path copy_file;  // used by this process only
        bool is_shared = false;
        disk& storage = real_disk();
        answer_limits answers{};
    };
    // Throws store_error if the file is unusable.
    sqlite_gradebook(place, executor loop);

    [[nodiscard]] commit_queue& queue() noexcept { return queue_; }
    [[nodiscard]] blocking_pool& readers() noexcept { return reader_; }
    // The number of answers removed before they expired.
    [[nodiscard]] std::uint64_t forgotten_early() const noexcept {
        return writer_.answers().forgotten_early();
    }

    [[nodiscard]] contents load() override;  // call before the first command
    [[nodiscard]] task<result<std::vector<history_entry>>> history(history_query) override;
    [[nodiscard]] task<result<std::vector<history_entry>>> latest(std::int64_t student_id, std::int64_t until,
                                                                  std::int64_t limit) override;
    [[nodiscard]] bool is_shared() const noexcept override { return turn_ != nullptr; }
    [[nodiscard]] std::uint64_t commits() const noexcept override { return turn_ ? turn_->commits() : 0; }
    [[nodiscard]] task<result<std::unique_ptr<copy>>> make_copy() override;

private:
    class file_copy;

    // Writes within this process' turn, and announces the commit.
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
    bool copying_ = false;              // `copy_file_` is in use
    std::unique_ptr<store_turn> turn_;  // null: the store is not shared
    std::optional<held_turn> opening_;  // held while the tables are created
    sqlite::database written_;
    sqlite::database read_;  // sees committed data, blocks no writer
    command_writer writer_;
    fair_target target_;
    commit_queue queue_;  // last members: their threads use the databases
    blocking_pool reader_;
};

}  // namespace distd::grading
