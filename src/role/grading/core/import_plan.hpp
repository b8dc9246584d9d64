// Plans the import of a table, line by line: parsed in pieces, validated against the current book, and
// reported before anything is changed. Pure.
//
// Columns are identified by the names of `table_columns`, in any order and letter case; others are ignored. A
// line without StudentID refers to the student with exactly that name, or adds one. A line without GradeID
// adds a grade, one without Title, Type and Score none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/grading/core/csv.hpp"
#include "role/grading/core/fingerprint.hpp"
#include "role/grading/core/grade_book_state.hpp"
#include "role/grading/core/grade_rules.hpp"
#include "role/grading/core/grade_table.hpp"

namespace distd::grading {

inline constexpr std::size_t max_import_lines = 100'000;
inline constexpr std::size_t max_import_line = 4096;  // bytes

class import_plan {
public:
    import_plan(const grade_book_state&, grade_limits);

    // Indexes the names of the next few thousand students. Call until it returns false, before anything else.
    [[nodiscard]] bool learn_names();
    void feed(std::string_view piece);
    void finish();

    // Why the input is not a table of grades; empty: it is.
    [[nodiscard]] const std::string& error() const noexcept { return error_; }
    [[nodiscard]] std::string content() const { return content_.text(); }  // fingerprint of the file
    [[nodiscard]] import_steps take_steps() { return std::move(steps_); }
    // {"Lines":3,"Added":1,"Changed":1,"Unchanged":0,"Rejected":1,
    //  "Report":[{"Line":2,"Outcome":"added",...}],"Token":"..."}
    // Call once; an empty token is omitted.
    [[nodiscard]] std::string take_wire_text(std::string_view token);

private:
    struct cells {
        std::array<std::string, table_columns.size()> of;
    };

    void take(const csv_reader::record&);
    void take_head(const csv_reader::record&);
    void plan_line(std::size_t line, const cells&);
    [[nodiscard]] std::string find_student(const cells&, import_step&, const student*& known);
    [[nodiscard]] std::string validate_name(const cells&, import_step&, const student* known);
    [[nodiscard]] std::string validate_grade(const cells&, import_step&, const student* known);
    void report(std::size_t line, std::string_view outcome, std::string_view detail);

    const grade_book_state& book_;
    grade_limits limits_;
    csv_reader reader_{max_import_line};
    fingerprint content_;
    std::optional<std::array<std::size_t, table_columns.size()>>
        columns_;            // index of each column; nullopt: header not parsed yet
    std::size_t width_ = 0;  // columns in the header
    std::map<std::string, std::vector<std::int64_t>> by_name_;  // in the book
    std::map<std::string, std::size_t> new_students_;           // by name
    std::int64_t learned_ = -1;                                 // names are indexed up to this ID
    import_steps steps_;
    std::size_t lines_ = 0;
    std::size_t added_ = 0;
    std::size_t changed_ = 0;
    std::size_t unchanged_ = 0;
    std::size_t rejected_ = 0;
    std::string report_;
    std::string error_;
};

}  // namespace distd::grading
