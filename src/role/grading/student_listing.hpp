// The query of a list of students, and the links from page to page (RFC 8288).
#pragma once

#include <distd/http.hpp>
#include <optional>
#include <string>

#include "role/grading/core/roster.hpp"

namespace distd::grading {

struct listing_query {
    bool is_page = false;  // false: nothing was asked of the list, it is all students
    std::int64_t page = 1;
    std::string sort = "id";
    roster_query of{};
};

// Reads q, sort, page and limit; an answer of 400 when one of them is wrong.
[[nodiscard]] std::optional<http::response> read_listing(http::request, listing_query&);

// first, prev, next and last, those that there are.
[[nodiscard]] std::string page_links(const listing_query&, std::size_t total);

}  // namespace distd::grading
