// The grade book in one SQLite file, written by one thread with group commit. A new file starts with the
// students that the protocol names; an existing one is never seeded.
#pragma once

#include <distd/time.hpp>
#include <filesystem>

#include "role/grading/gradebook.hpp"
#include "store/commit_queue.hpp"
#include "store/sqlite.hpp"

namespace distd::grading {

class sqlite_gradebook final : public gradebook {
public:
    // Throws store_error when the file cannot be used.
    sqlite_gradebook(std::filesystem::path file, executor loop, time_source&);

    void on_trouble(commit_queue::trouble_handler handler) { writer_.on_trouble(std::move(handler)); }

    [[nodiscard]] std::vector<student> load() override;  // before the first grade is added
    [[nodiscard]] task<result<>> add_grade(std::int64_t student_id, grade) override;

private:
    [[nodiscard]] result<> insert(std::int64_t student_id, const grade&);

    sqlite::database database_;
    commit_queue writer_;  // last: its thread uses the database
};

}  // namespace distd::grading
