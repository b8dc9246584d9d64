// Students and grades as the pages show them, and the rules for what a person types. Pure: text in, verdict
// out.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::portal {

struct grade {
    std::string title;
    std::string type;
    double score = 0;
};
BOOST_DESCRIBE_STRUCT(grade, (), (title, type, score))

struct student {
    std::int64_t id = 0;
    std::string first_name;
    std::string last_name;
    std::vector<grade> grades;
};
BOOST_DESCRIBE_STRUCT(student, (), (id, first_name, last_name, grades))

// A grade as it is sent to the grading service.
[[nodiscard]] std::string to_wire(const grade&);

// The mean of the scores; nothing when there are none.
[[nodiscard]] std::optional<double> average(const std::vector<grade>&);

[[nodiscard]] std::string as_percent(double);  // "87.0%", in every locale
[[nodiscard]] std::string as_score(double);    // "85", "87.5": no more digits than it takes

// A student's number as it stands in a path: plain decimal digits, nothing else.
[[nodiscard]] std::optional<std::int64_t> parse_student_id(std::string_view) noexcept;

// In the order in which the form offers them.
inline constexpr std::array<std::string_view, 4> grade_types{"Test", "Quiz", "Homework", "Exam"};
inline constexpr std::size_t title_limit_characters = 200;

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
[[nodiscard]] judged_grade judge(const typed_grade&);

}  // namespace distd::portal
