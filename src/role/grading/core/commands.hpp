// What can be asked of the grade book's store, and what it says: each command becomes one transaction, with
// its entries in the history and the answer that a repeated request will get.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "role/grading/core/student.hpp"

namespace distd::grading {

// The versions of a student under which a change is welcome; none: under any.
struct precondition {
    std::optional<std::vector<std::int64_t>> versions;

    [[nodiscard]] bool admits(std::int64_t current) const noexcept;
};

struct add_student {
    std::string first_name;
    std::string last_name;
};
struct rename_student {
    std::int64_t id = 0;
    std::string first_name;
    std::string last_name;
    precondition when{};
};
struct remove_student {
    std::int64_t id = 0;
    precondition when{};
};
struct add_grade {
    std::int64_t student_id = 0;
    grade value{};
    precondition when{};
};
struct change_grade {
    std::int64_t student_id = 0;
    grade value{};  // its id says which
    precondition when{};
};
struct remove_grade {
    std::int64_t student_id = 0;
    std::int64_t grade_id = 0;
    precondition when{};
};
struct set_weights {
    type_weights weights;
};
struct undo_entry {
    std::int64_t entry = 0;
};
// One line of a table that is taken in.
struct import_step {
    std::int64_t student_id = 0;  // 0: a new one, told apart by `new_student`
    std::size_t new_student = 0;
    std::string first_name{};  // to be given to the student; empty: stays as it is
    std::string last_name{};
    std::optional<grade> value{};  // with an id of 0: to be added
};
using import_steps = std::deque<import_step>;  // many: a vector would move them all as it grows
struct import_table {
    import_steps steps;
    std::int64_t revision = 0;  // of the book that the steps were made for
    std::string answer{};       // to be kept for a repetition of the request
};
using command = std::variant<add_student, rename_student, remove_student, add_grade, change_grade,
                             remove_grade, set_weights, undo_entry, import_table>;

// On whose behalf: what the history tells, and how a repetition is recognised.
struct origin {
    std::int64_t at_ms = 0;  // since 1970
    std::string request_id;
    std::string idempotency_key{};  // empty: every request counts
    std::string fingerprint{};      // of the request that came with the key
    std::int64_t steady_ms = 0;     // by a clock that never jumps, whatever its beginning
};

enum class verdict : std::uint8_t {
    done,
    repeated,    // the answer is the one that was given the first time
    key_reused,  // the key came with another request before
    no_student,
    no_grade,
    no_entry,       // of the history
    stale,          // the student has another version by now: `current_version`
    changed_since,  // what is to be undone was changed again
};

// What memory has to follow once the transaction is durable, in this order.
struct student_saved {
    student shown;  // complete
};
struct student_named {
    std::int64_t id = 0;
    std::int64_t version = 0;
    std::string first_name;
    std::string last_name;
};
struct student_gone {
    std::int64_t id = 0;
};
struct grade_saved {
    std::int64_t student_id = 0;
    std::int64_t version = 0;
    grade value;  // new, or in place of the one with its id
};
struct grade_gone {
    std::int64_t student_id = 0;
    std::int64_t version = 0;
    std::int64_t grade_id = 0;
};
struct weights_set {
    type_weights weights;  // and every student has its next version
};
using change = std::variant<student_saved, student_named, student_gone, grade_saved, grade_gone, weights_set>;

struct outcome {
    verdict is = verdict::done;
    int status = 200;  // of the answer, when done or repeated
    std::string body{};
    std::string location{};
    std::int64_t current_version = 0;  // of the student concerned; 0: none
    std::vector<change> changes{};
    std::int64_t revision = 0;  // of the book: its latest entry in the history
};

}  // namespace distd::grading
