// What the grading role asks of a store: its own verbs, nothing of how they are kept.
#pragma once

#include <cstdint>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <vector>

#include "role/grading/core/student.hpp"

namespace distd::grading {

class gradebook {
public:
    virtual ~gradebook() = default;

    // All students, by id, each with the grades in the order in which they were given. Blocks: for the start.
    [[nodiscard]] virtual std::vector<student> load() = 0;

    // Returns once the grade is durable. not_found: no such student.
    [[nodiscard]] virtual task<result<>> add_grade(std::int64_t student_id, grade) = 0;
};

}  // namespace distd::grading
