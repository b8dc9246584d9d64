// The query of a list of students, and the links from page to page (RFC 8288).
#pragma once

#include <distd/http.hpp>
#include <optional>
#include <string>

#include "role/grading/core/roster.hpp"
#include "role/known_parameters.hpp"

namespace distd::grading {

// A list that is asked for without any of them is all students.
inline constexpr known_parameter listing_parameters[] = {{"q"}, {"sort"}, {"page"}, {"limit"}};

struct listing_query {
    std::int64_t page = 1;
    std::string sort = "id";
    roster_query of{};
};

// An answer of 400 when the value of one of them is wrong.
[[nodiscard]] std::optional<http::response> read_listing(http::request, listing_query&);

// first, prev, next and last, those that there are.
[[nodiscard]] std::string page_links(const listing_query&, std::size_t total);

}  // namespace distd::grading
