// What a grade that somebody sends must look like. Syntax and content are told apart: the first is a 400, the
// second a 422 that names every field that is wrong. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/grading/core/student.hpp"

namespace distd::grading {

inline constexpr std::size_t longest_title = 200;  // characters, not bytes
inline constexpr double least_score = 0;
inline constexpr double highest_score = 100;

struct field_error {
    std::string field;   // as the protocol spells it
    std::string detail;  // a sentence: what is wrong and what would be right
};

struct judged_grade {
    std::optional<grade> value;
    std::string syntax_error;         // not JSON, or not an object
    std::vector<field_error> errors;  // it is an object, but its content breaks rules
};

// Field names are matched in any letter case, and the type as well; unknown fields are ignored.
[[nodiscard]] judged_grade judge_grade(std::string_view text);

}  // namespace distd::grading
