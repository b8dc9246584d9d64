// Validation of grades and students. Syntax errors (400) are distinguished from invalid content (422), which
// lists every invalid field. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/grading/core/student.hpp"

namespace distd::grading {

inline constexpr std::size_t max_title = 200;  // characters, not bytes
inline constexpr std::size_t max_name = 100;
inline constexpr double highest_weight = 1000;

struct grade_limits {
    double highest_score = 100;  // the lowest is 0
};

// {"HighestScore":100,"Types":["Quiz",...],"LongestTitle":200,"LongestName":100,"HighestWeight":1000}
[[nodiscard]] std::string wire_text(const grade_limits&);

struct field_error {
    std::string field;   // in the protocol's spelling
    std::string detail;  // what is wrong and what is valid
};

// The result of parsing a body: its value, or the errors.
template <class T>
struct judged {
    std::optional<T> value;
    std::string syntax_error;         // not JSON, or not an object
    std::vector<field_error> errors;  // an object with invalid content
};

struct full_name {
    std::string first_name;
    std::string last_name;

    friend bool operator==(const full_name&, const full_name&) = default;
};

// Field names and the type are case-insensitive; unknown fields are ignored.
[[nodiscard]] judged<grade> validate_grade(std::string_view text, const grade_limits& = {});
[[nodiscard]] judged<full_name> validate_name(std::string_view text);
// Types that are not named keep their weight from `current`.
[[nodiscard]] judged<type_weights> validate_weights(std::string_view text, const type_weights& current);

// The same rules for single values, for other formats. Returns the error; empty: valid.
[[nodiscard]] std::string title_error(std::string_view);
[[nodiscard]] std::string name_error(std::string_view);
[[nodiscard]] std::string score_error(double, const grade_limits&);
[[nodiscard]] std::string type_error();
[[nodiscard]] std::optional<std::string_view> known_type(std::string_view any_case);

}  // namespace distd::grading
