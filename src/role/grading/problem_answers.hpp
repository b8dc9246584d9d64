// Maps the outcomes of commands and of validation to problem documents (RFC 9457) that name field, limit and
// versions; and parses headers and query parameters of requests.
#pragma once

#include <distd/http.hpp>
#include <optional>
#include <string>

#include "role/grading/core/commands.hpp"
#include "role/grading/core/grade_book_state.hpp"
#include "role/grading/core/grade_rules.hpp"

namespace distd::grading {

[[nodiscard]] http::response answer(const document&);
[[nodiscard]] http::response no_such_student(const std::string& id);
[[nodiscard]] http::response no_such_grade(const std::string& id);
// 400 for a syntax error, 422 for an invalid value. `what`: "a grade".
[[nodiscard]] http::response refuse_body(const std::string& what, const std::string& syntax_error,
                                         const std::vector<field_error>&);
// For all but command_status::stale.
[[nodiscard]] http::response answer_outcome(outcome);
// 412. `current`: the current student, or null; `yours`: the student in a version that was sent, if the
// history still has it.
[[nodiscard]] http::response answer_stale(const outcome&, const precondition& sent, const document* current,
                                          const std::string& yours);

// Parses a positive number.
[[nodiscard]] std::optional<std::int64_t> parse_id(std::string_view);
// The versions listed in If-Match.
[[nodiscard]] precondition if_match(http::request);

}  // namespace distd::grading
