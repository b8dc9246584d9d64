// Executes commands on the grade book's tables, inside the caller's transaction: the change itself, its entry
// in the history, and the answer kept for a retry. Blocks: for the writer thread only. A refused command has
// written nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "role/grading/core/commands.hpp"
#include "role/grading/kept_answers.hpp"
#include "store/sqlite/sqlite.hpp"

namespace distd::grading {

class command_writer {
public:
    explicit command_writer(sqlite::database& db, answer_limits limits = {})
        : db_(db), answers_(db, limits) {}

    // Called once per transaction: right after its begin, right before its commit.
    void begin();
    void finish();
    [[nodiscard]] outcome perform(const command&, const origin&);

    [[nodiscard]] type_weights weights();
    [[nodiscard]] std::int64_t revision();  // the ID of the latest entry in the history; 0: none
    [[nodiscard]] const kept_answers& answers() const noexcept { return answers_; }

private:
    struct entry {
        std::string_view action;
        std::optional<std::int64_t> student_id{};
        std::optional<std::int64_t> grade_id{};
        std::optional<std::string_view> before{};
        std::optional<std::string_view> after{};
    };
    struct kept_entry {
        std::string action;
        std::int64_t student_id = 0;
        std::int64_t grade_id = 0;
        std::string before;
        std::string after;
    };

    [[nodiscard]] outcome run(const add_student&);
    [[nodiscard]] outcome run(const rename_student&);
    [[nodiscard]] outcome run(const remove_student&);
    [[nodiscard]] outcome run(const add_grade&);
    [[nodiscard]] outcome run(const change_grade&);
    [[nodiscard]] outcome run(const remove_grade&);
    [[nodiscard]] outcome run(const set_weights&);
    [[nodiscard]] outcome run(const undo_entry&);
    [[nodiscard]] outcome run(const import_table&);

    [[nodiscard]] command_status take_step(const import_step&, std::map<std::size_t, std::int64_t>& ids);
    [[nodiscard]] outcome restore_student(const kept_entry&);
    [[nodiscard]] outcome restore_grade(const kept_entry&);
    [[nodiscard]] outcome undo_of(const kept_entry&);

    [[nodiscard]] std::optional<student> find(std::int64_t id);  // without grades
    [[nodiscard]] std::optional<grade> find_grade(std::int64_t student_id, std::int64_t grade_id);
    [[nodiscard]] std::vector<grade> grades_of(std::int64_t student_id);
    [[nodiscard]] std::optional<outcome> refusal(const std::optional<student>&, const precondition&);
    // The student's next version; nullopt: no such student.
    [[nodiscard]] std::optional<std::int64_t> bump(std::int64_t student_id);
    void insert(std::int64_t student_id, const grade&);
    void write(const entry&);

    sqlite::database& db_;
    kept_answers answers_;
    const origin* origin_ = nullptr;  // of the current command
    std::optional<std::int64_t> undoes_;
    std::int64_t last_entry_ = 0;
    std::int64_t last_grade_ = 0;       // the highest ID a grade ever had, including this transaction
    std::int64_t last_kept_grade_ = 0;  // as stored in the table, without this transaction
};

}  // namespace distd::grading
