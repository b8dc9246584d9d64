// A page of the list of students, and its query. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "role/portal/grade_book/grade_book.hpp"

namespace distd::portal {

inline constexpr std::size_t students_per_page = 50;
inline constexpr std::size_t students_per_sheet = 200;
inline constexpr std::int64_t max_pages = 1'000'000'000;  // the limit of our service
inline constexpr std::size_t max_on_a_sheet = 1000;       // without paging support of the service

struct student_list_query {
    std::string search;
    std::string sort = "name";  // or average or id; a leading minus means descending
    std::int64_t page = 1;
    std::size_t limit = students_per_page;
};

struct student_list {
    std::vector<student> students;
    // The number on all pages. Without it the service supports no paging, order or search: it sent all
    // students.
    std::optional<std::size_t> total;
    std::string as_sent = {};  // the body of the answer
    bool is_known = false;     // the caller has seen the same body: the rest is empty
};

// At least 1, even for an empty list. Without paging support there is only one page.
[[nodiscard]] inline std::int64_t last_page(const student_list& found, const student_list_query& asked) {
    const auto full = found.total.value_or(0) / asked.limit;
    const auto rest = found.total.value_or(0) % asked.limit;
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(full + (rest > 0 ? 1 : 0)));
}

}  // namespace distd::portal
