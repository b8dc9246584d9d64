// One test for all students on one page: what was typed, which of it can be stored, and what is stored
// already. Pure.
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
    std::string stored;  // the score, when it is: then nothing is typed any more
};

struct score_sheet {
    std::string title;
    std::string type;
    std::string search;                      // the students on it, as they were looked for
    std::map<std::int64_t, sheet_row> rows;  // by student
    typed_grade_errors errors;               // of title and type
    std::string problem;                     // about all of it

    [[nodiscard]] bool any_errors() const;
    [[nodiscard]] std::size_t typed() const;
    [[nodiscard]] std::size_t stored() const;
};

// Fields `Title`, `Type`, `Search`, and `Score-7` and `Stored-7` for the student with the number 7.
[[nodiscard]] score_sheet read_sheet(const form_fields&);

// Notes what is wrong beside each field; what can be stored comes back, by student. Nothing is stored as long
// as anything is wrong.
[[nodiscard]] std::vector<std::pair<std::int64_t, grade>> judge(score_sheet&,
                                                                double highest_score = default_highest_score);

}  // namespace distd::portal
