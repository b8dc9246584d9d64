// The scores of each test, by its title, kept so that its figures are exact after any number of changes:
// scores are counted, never summed up and subtracted. Pure.
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
    std::array<std::size_t, 10> distribution{};  // tenths of the range of scores; the last one holds its end
};

class test_statistics {
public:
    void add(const grade&);
    void remove(const grade&);  // one that was added
    // Nothing: no grade has that title.
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
