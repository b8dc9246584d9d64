// A page of the list of students: what was asked for, and what came. Pure.
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
inline constexpr std::int64_t max_pages = 1'000'000'000;  // that a service of ours can be asked for
inline constexpr std::size_t max_on_a_sheet = 1000;       // of a service that knows no pages

struct listing_query {
    std::string search;
    std::string sort = "name";  // or average or id, downwards with a minus in front
    std::int64_t page = 1;
    std::size_t limit = students_per_page;
};

struct listing {
    std::vector<student> students;
    // How many there are on all pages. Without it the service knows no pages, no order and no search: it
    // sent everybody.
    std::optional<std::size_t> total;
    std::string as_sent = {};  // the answer's own bytes
    bool is_known = false;     // by the caller, who has seen the same bytes: the rest is empty
};

// The first page is there, even when nobody is on it. Of a service that knows no pages it is the only one.
[[nodiscard]] inline std::int64_t last_page(const listing& found, const listing_query& asked) {
    const auto full = found.total.value_or(0) / asked.limit;
    const auto rest = found.total.value_or(0) % asked.limit;
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(full + (rest > 0 ? 1 : 0)));
}

}  // namespace distd::portal
