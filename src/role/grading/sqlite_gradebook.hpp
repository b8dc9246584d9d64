// The grade book in one SQLite file, written by one thread with group commit and read by another one beside
// it. A new file starts with the students that the protocol names; an existing one is never seeded.
#pragma once

#include <distd/time.hpp>
#include <filesystem>

#include "role/grading/command_writer.hpp"
#include "role/grading/gradebook.hpp"
#include "store/blocking_pool.hpp"
#include "store/commit_queue.hpp"
#include "store/sqlite.hpp"

namespace distd::grading {

class sqlite_gradebook final : public gradebook {
public:
    // Throws store_error when the file cannot be used.
    sqlite_gradebook(std::filesystem::path file, executor loop, time_source&);

    void on_trouble(commit_queue::trouble_handler handler) { queue_.on_trouble(std::move(handler)); }

    [[nodiscard]] contents load() override;  // before the first command
    [[nodiscard]] task<result<outcome>> perform(command, origin) override;
    [[nodiscard]] task<result<std::vector<history_entry>>> history(history_query) override;
    [[nodiscard]] task<result<std::unique_ptr<copy>>> make_copy() override;

private:
    class file_copy;

    [[nodiscard]] std::vector<history_entry> read_history(const history_query&);

    std::filesystem::path copy_file_;
    bool copying_ = false;  // `copy_file_` belongs to a copy
    sqlite::database written_;
    sqlite::database read_;  // sees what is committed, and holds up no writer
    command_writer writer_;
    commit_queue queue_;  // these two last: their threads use the databases
    blocking_pool reader_;
};

}  // namespace distd::grading
