// The scores of each test, by title. Statistics stay exact after any number of changes: scores are counted,
// not accumulated in floating point. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "role/grading/core/student.hpp"

namespace distd::grading {

struct test_figures {
    std::size_t count = 0;
    double mean = 0;
    double median = 0;  // between the two middle ones when the count is even
    double min = 0;
    double highest = 0;
    std::array<std::size_t, 10>
        distribution{};  // per tenth of the range; the highest score belongs to the last
};

class test_statistics {
public:
    void add(const grade&);
    void remove(const grade&);  // must have been added
    // nullopt: no grade has that title.
    [[nodiscard]] std::optional<test_figures> of(std::string_view title, double highest_score) const;
    // A JSON array, by title.
    [[nodiscard]] std::string wire_text(double highest_score) const;

private:
    using counts = std::map<double, std::size_t>;
    [[nodiscard]] static test_figures figures_of(const counts&, double highest_score);

    std::map<std::string, counts, std::less<>> tests_;
};

// {"Title":"Quiz 1","Count":5,"Mean":63.8,"Median":67,"Min":23,"Max":100,"Distribution":[0,0,1,...]}
void append_wire(std::string& out, std::string_view title, const test_figures&);

}  // namespace distd::grading
