// A grading service of another make: its JSON has names in other letter cases, no list for a student without
// grades, fields that nobody knows, and comes in chunks. It takes whatever is a grade.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "support/foreign_service.hpp"

namespace distd::test {

class foreign_grading {
public:
    explicit foreign_grading(bool with_scheme = true);  // of its URL

    [[nodiscard]] foreign_service& service() noexcept { return service_; }
    [[nodiscard]] std::vector<std::string> taken() const;  // the bodies of grades

private:
    [[nodiscard]] foreign_answer answer(const foreign_request& q);
    [[nodiscard]] std::string student(int id) const;

    mutable std::mutex mutex_;
    std::vector<std::string> taken_;
    std::string grades_of_first_;
    foreign_service service_;
};

}  // namespace distd::test
