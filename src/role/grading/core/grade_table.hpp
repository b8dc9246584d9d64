// Exports the grade book as CSV: a line per grade, and one for a student without grades. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "role/grading/core/student.hpp"

namespace distd::grading {

inline constexpr std::array<std::string_view, 7> table_columns{
    "StudentID", "FirstName", "LastName", "GradeID", "Title", "Type", "Score"};

void append_table_head(std::string& out);
void append_table_lines(std::string& out, const student&);

}  // namespace distd::grading
