// What the store and the rules say, as HTTP: problem documents (RFC 9457) that name the field, the limit and
// the versions; and what a request says in its headers and its query.
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
// 400 for what cannot be read, 422 for what breaks rules. `what`: "a grade".
[[nodiscard]] http::response refuse_body(const std::string& what, const std::string& syntax_error,
                                         const std::vector<field_error>&);
// For all but verdict::stale.
[[nodiscard]] http::response answer_outcome(outcome);
// 412. `current`: the student concerned as it stands now, or null; `yours`: as it was in a version that was
// sent, when the history still tells it.
[[nodiscard]] http::response answer_stale(const outcome&, const precondition& sent, const document* current,
                                          const std::string& yours);

// A positive number and nothing else.
[[nodiscard]] std::optional<std::int64_t> parse_id(std::string_view);
// The student's versions that If-Match names.
[[nodiscard]] precondition if_match(http::request);
// The number in the query `name`, `fallback` without one; an answer of 400 when it is not from `least` to
// `most`.
[[nodiscard]] std::optional<http::response> read_number(http::request, std::string_view name,
                                                        std::int64_t min, std::int64_t max,
                                                        std::int64_t& value);

}  // namespace distd::grading
