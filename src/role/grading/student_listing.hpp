// Query parameters of the list of students, and its pagination links (RFC 8288).
#pragma once

#include <distd/http.hpp>
#include <optional>
#include <string>

#include "role/grading/core/roster.hpp"
#include "role/known_parameters.hpp"

namespace distd::grading {

// Without any of these parameters the list is all students.
inline constexpr known_parameter listing_parameters[] = {{"q"}, {"sort"}, {"page"}, {"limit"}};

struct listing_query {
    std::int64_t page = 1;
    std::string sort = "id";
    roster_query of{};
};

// Parses the parameters; returns a 400 if a value is invalid.
[[nodiscard]] std::optional<http::response> read_listing(http::request, listing_query&);

// The Link header: those of first, prev, next and last that exist.
[[nodiscard]] std::string page_links(const listing_query&, std::size_t total);

}  // namespace distd::grading
