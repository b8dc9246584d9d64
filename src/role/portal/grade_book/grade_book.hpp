// Students and grades as the pages show them, and the validation of form input. Pure.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <cstdint>
#include <distd/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::portal {

// A number that is not part of the base protocol. A third-party service may use its name for anything, so
// a value of another type counts as missing.
template <class Number>
struct added {
    std::optional<Number> value = {};
};
template <class Number>
bool read_value(const json::value& v, added<Number>& out, const std::string& where, json_error&) {
    json_error ignored;
    Number number{};
    if (distd::detail::read_value(v, number, where, ignored)) out.value = number;
    return true;
}

struct grade {
    std::string title;
    std::string type;
    double score = 0;
    added<std::int64_t> id = {};  // without an id a grade cannot be changed
};
BOOST_DESCRIBE_STRUCT(grade, (), (title, type, score, id))

struct student {
    std::int64_t id = 0;
    std::string first_name;
    std::string last_name;
    std::vector<grade> grades;
    added<double> average = {};
    added<std::int64_t> version = {};
};
BOOST_DESCRIBE_STRUCT(student, (), (id, first_name, last_name, grades, average, version))

// A grade and a name in the form sent to the grading service.
[[nodiscard]] std::string to_wire(const grade&);
[[nodiscard]] std::string to_wire(const std::string& first_name, const std::string& last_name);

// The mean of the scores; nullopt when there are none.
[[nodiscard]] std::optional<double> average(const std::vector<grade>&);
// The service's own average (it may weight types), or the mean when it sends none.
[[nodiscard]] std::optional<double> average_of(const student&);
[[nodiscard]] const grade* find_grade(const student&, std::int64_t id);
[[nodiscard]] bool same_content(const grade&, const grade&) noexcept;

[[nodiscard]] std::string as_percent(double);  // "87.0%", in every locale
// A mean of scores: a percentage if the highest score is 100, otherwise a number with one decimal.
[[nodiscard]] std::string as_mean(double, double highest_score);
[[nodiscard]] std::string as_score(double);  // "85", "87.5": the shortest form

// Truncated at a character boundary, with a final "…" if anything was cut off.
[[nodiscard]] std::string first_characters(std::string_view, std::size_t max);

// A student's ID in a path: decimal digits only.
[[nodiscard]] std::optional<std::int64_t> parse_student_id(std::string_view) noexcept;

// In the order of the form.
inline constexpr std::array<std::string_view, 4> grade_types{"Test", "Quiz", "Homework", "Exam"};
inline constexpr std::size_t title_limit_characters = 200;
inline constexpr std::size_t name_limit_characters = 100;

// The form's input, kept until it is accepted.
struct typed_grade {
    std::string title;
    std::string type;
    std::string score;
};

// An error message per field; empty means valid.
struct typed_grade_errors {
    std::string title;
    std::string type;
    std::string score;
    [[nodiscard]] bool any() const noexcept { return !title.empty() || !type.empty() || !score.empty(); }
};

struct validated_grade {
    std::optional<grade> accepted;  // set exactly when there is no error
    typed_grade_errors errors;
};
inline constexpr double default_highest_score = 100;
[[nodiscard]] validated_grade validate(const typed_grade&, double highest_score = default_highest_score);
[[nodiscard]] typed_grade as_typed(const grade&);

struct typed_name {
    std::string first;
    std::string last;
};
// An error message per name, empty if it is valid; surrounding blanks are trimmed.
[[nodiscard]] typed_name validate(typed_name&);

}  // namespace distd::portal
