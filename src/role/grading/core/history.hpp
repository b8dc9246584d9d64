// Entries of the grade book's history and their JSON. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace distd::grading {

struct history_entry {
    std::int64_t id = 0;
    std::int64_t at_ms = 0;
    std::string request_id;
    std::string action;  // student_added, grade_changed, weights_changed, ...
    std::optional<std::int64_t> student_id;
    std::optional<std::int64_t> grade_id;
    std::string before;  // JSON; empty: did not exist
    std::string after;
    std::optional<std::int64_t> undoes;
};

struct history_query {
    std::optional<std::int64_t> student_id;
    std::int64_t after = 0;  // entries after this one, oldest first
    std::int64_t limit = 100;
};

// {"ID":1,"At":"2026-01-02T03:04:05.678Z","RequestID":"..","Action":"..","StudentID":1,"GradeID":null,...}
void append_wire(std::string& out, const history_entry&);

}  // namespace distd::grading
