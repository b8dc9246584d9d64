// One test for all students on one page: input, validation, and what is already stored. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "role/portal/grade_book/grade_book.hpp"

namespace distd::portal {

using form_fields = std::vector<std::pair<std::string, std::string>>;  // decoded, in order

struct sheet_row {
    std::string typed;   // empty: this student gets no grade
    std::string error;   // why it was not stored
    std::string stored;  // the score, once stored: then there is no input field
};

struct score_sheet {
    std::string title;
    std::string type;
    std::string search;                      // the search that selected the students
    std::map<std::int64_t, sheet_row> rows;  // by student
    typed_grade_errors errors;               // of title and type
    std::string problem;                     // about the whole sheet

    [[nodiscard]] bool any_errors() const;
    [[nodiscard]] std::size_t typed() const;
    [[nodiscard]] std::size_t stored() const;
};

// Fields `Title`, `Type`, `Search`, and `Score-7` and `Stored-7` for the student with ID 7.
[[nodiscard]] score_sheet read_sheet(const form_fields&);

// Validates the sheet: adds the errors to its fields, and returns the grades to store, by student. Nothing
// may be stored as long as there is an error.
[[nodiscard]] std::vector<std::pair<std::int64_t, grade>> validate(
    score_sheet&, double highest_score = default_highest_score);

}  // namespace distd::portal
