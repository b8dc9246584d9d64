// Commands to the grade book's store, and their outcomes: each command is one transaction, with its entries
// in the history and the answer for a retry.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "role/grading/core/student.hpp"

namespace distd::grading {

// The versions of a student to which a change applies (If-Match); nullopt: any.
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
    grade value{};  // identified by its id
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
// One line of an imported table.
struct import_step {
    std::int64_t student_id = 0;  // 0: a new one, identified by `new_student`
    std::size_t new_student = 0;
    std::string first_name{};  // the new name; empty: unchanged
    std::string last_name{};
    std::optional<grade> value{};  // id 0: to be added
};
using import_steps = std::deque<import_step>;  // deque: a growing vector would move them all
struct import_table {
    import_steps steps;
    std::int64_t revision = 0;  // of the book for which the steps were planned
    std::string answer{};       // stored for a retry of the request
};
using command = std::variant<add_student, rename_student, remove_student, add_grade, change_grade,
                             remove_grade, set_weights, undo_entry, import_table>;

// The origin of a command: metadata for the history, and the identification of retries.
struct origin {
    std::int64_t at_ms = 0;  // since 1970
    std::string request_id;
    std::string idempotency_key{};  // empty: retries are not recognised
    std::string fingerprint{};      // of the request with that key
    std::int64_t steady_ms = 0;     // of a monotonic clock
};

enum class command_status : std::uint8_t {
    done,
    repeated,    // a retry: the answer is the first one
    key_reused,  // the key was used for another request
    no_student,
    no_grade,
    no_entry,       // of the history
    stale,          // the student has another version: `current_version`
    changed_since,  // the change to undo was itself changed again
};

// Changes to apply to memory once the transaction is durable, in this order.
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
    grade value;  // new, or replaces the one with its id
};
struct grade_gone {
    std::int64_t student_id = 0;
    std::int64_t version = 0;
    std::int64_t grade_id = 0;
};
struct weights_set {
    type_weights weights;  // every student gets the next version
};
using change = std::variant<student_saved, student_named, student_gone, grade_saved, grade_gone, weights_set>;

struct outcome {
    command_status is = command_status::done;
    int status = 200;  // of the answer, when done or repeated
    std::string body{};
    std::string location{};
    std::int64_t current_version = 0;  // of the student concerned; 0: none
    std::vector<change> changes{};
    std::int64_t revision = 0;  // of the book: its latest entry in the history
};

}  // namespace distd::grading
