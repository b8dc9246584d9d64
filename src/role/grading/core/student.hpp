// Students and grades, and their JSON. The protocol's fields come first, in its order; additional fields
// follow, and older clients ignore them.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::grading {

inline constexpr std::array<std::string_view, 4> grade_types{"Quiz", "Test", "Exam", "Homework"};

struct grade {
    std::string title;
    std::string type;  // one of grade_types
    double score = 0;
    std::int64_t id = 0;  // unique in the whole book, never reused

    friend bool operator==(const grade&, const grade&) = default;
};
BOOST_DESCRIBE_STRUCT(grade, (), (title, type, score, id))

struct student {
    std::int64_t id = 0;
    std::string first_name;
    std::string last_name;
    std::vector<grade> grades;  // by id, i.e. in the order they were added
    std::int64_t version = 1;   // grows with every visible change of the student

    friend bool operator==(const student&, const student&) = default;
};
BOOST_DESCRIBE_STRUCT(student, (), (id, first_name, last_name, grades, version))

// The weight of each type in the average; in the order of grade_types.
struct type_weights {
    std::array<double, grade_types.size()> of{1, 1, 1, 1};

    [[nodiscard]] double weight(std::string_view type) const noexcept;
    friend bool operator==(const type_weights&, const type_weights&) = default;
};

// The weighted mean of the scores, updated grade by grade. Adding the same grades in the same order gives the
// same bits, so an updated mean equals a recomputed one.
class running_average {
public:
    void add(const grade&, const type_weights&) noexcept;
    [[nodiscard]] std::optional<double> value() const noexcept;  // nullopt when no grade counts

private:
    double sum_ = 0;
    double weight_ = 0;
};

[[nodiscard]] running_average average(const std::vector<grade>&, const type_weights&);
[[nodiscard]] std::optional<double> average_of_type(const std::vector<grade>&, std::string_view type);

// The shortest text that parses to the same number: 85, 87.5; "null" if there is none.
void append_number(std::string& out, std::optional<double>);

// {"Title":"Quiz 1","Type":"Quiz","Score":85,"ID":1}
void append_wire(std::string& out, const grade&);
// {"ID":1,"FirstName":"Nick","LastName":"Carter","Grades":[...],
//  "Average":87,"Averages":{"Quiz":83.5},"Version":1}
void append_wire(std::string& out, const student&, const type_weights&);
// The same without averages, as stored in the history.
[[nodiscard]] std::string record_text(const student&);
[[nodiscard]] std::string wire_text(const grade&);
// {"Quiz":1,"Test":1,"Exam":2,"Homework":1}
[[nodiscard]] std::string wire_text(const type_weights&);

}  // namespace distd::grading
