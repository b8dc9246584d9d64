// Students and grades as the pages show them, and the rules for what a person types. Pure: text in, verdict
// out.
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

// A number that the base protocol does not know. A service of another make may use its name for anything, so
// whatever is no such number counts as not there.
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
    added<std::int64_t> id = {};  // only with one can it be changed
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

// A grade and a name as they are sent to the grading service.
[[nodiscard]] std::string to_wire(const grade&);
[[nodiscard]] std::string to_wire(const std::string& first_name, const std::string& last_name);

// The mean of the scores; nothing when there are none.
[[nodiscard]] std::optional<double> average(const std::vector<grade>&);
// As the service computed it (it may weigh types), or the mean when it computes none.
[[nodiscard]] std::optional<double> average_of(const student&);
[[nodiscard]] const grade* find_grade(const student&, std::int64_t id);
[[nodiscard]] bool same_content(const grade&, const grade&) noexcept;

[[nodiscard]] std::string as_percent(double);  // "87.0%", in every locale
// The mean of scores: a percentage where a hundred is the highest, a plain number with one decimal elsewhere.
[[nodiscard]] std::string as_mean(double, double highest_score);
[[nodiscard]] std::string as_score(double);  // "85", "87.5": no more digits than it takes

// UTF-8 all through, whatever the characters are.
[[nodiscard]] bool is_utf8(std::string_view) noexcept;
// The beginning, with "…" behind it when something was cut off; never a part of a character.
[[nodiscard]] std::string first_characters(std::string_view, std::size_t max);

// A student's number as it stands in a path: plain decimal digits, nothing else.
[[nodiscard]] std::optional<std::int64_t> parse_student_id(std::string_view) noexcept;

// In the order in which the form offers them.
inline constexpr std::array<std::string_view, 4> grade_types{"Test", "Quiz", "Homework", "Exam"};
inline constexpr std::size_t title_limit_characters = 200;
inline constexpr std::size_t name_limit_characters = 100;

// The form as it was sent, kept until it is accepted.
struct typed_grade {
    std::string title;
    std::string type;
    std::string score;
};

// A sentence per field that cannot be taken; an empty one is right.
struct typed_grade_errors {
    std::string title;
    std::string type;
    std::string score;
    [[nodiscard]] bool any() const noexcept { return !title.empty() || !type.empty() || !score.empty(); }
};

struct judged_grade {
    std::optional<grade> accepted;  // set exactly when there is no error
    typed_grade_errors errors;
};
inline constexpr double default_highest_score = 100;
[[nodiscard]] judged_grade judge(const typed_grade&, double highest_score = default_highest_score);
[[nodiscard]] typed_grade as_typed(const grade&);

struct typed_name {
    std::string first;
    std::string last;
};
// What is wrong with each name, empty for what is right; blanks around them are cut off.
[[nodiscard]] typed_name judge(typed_name&);

}  // namespace distd::portal
