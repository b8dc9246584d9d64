// Template values shared by several pages: texts, names, forms as JSON. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "role/portal/csrf/csrf_token.hpp"
#include "role/portal/grade_book/grade_book.hpp"
#include "role/web/template_values.hpp"

namespace distd::portal {

namespace json = boost::json;

using web::counted;
using web::text;
using web::unless_empty;

[[nodiscard]] std::string name_in_list(const student&);  // "Carter, Nick"
[[nodiscard]] std::string full_name(const student&);     // "Nick Carter"
[[nodiscard]] std::string url_of(std::int64_t student_id);
[[nodiscard]] std::string url_of(std::int64_t student_id, std::int64_t grade_id);

// The bar beside a number; the number itself is always shown, too.
void add_bar(json::object& row, double score, double highest_score);
void add_csrf(json::object& values, const csrf_token&);
void add_types(json::object& values, std::string_view chosen);
[[nodiscard]] std::string as_date_and_time(wall_point);  // "21 November 2026, 04:31:07 UTC"
// Adds `name` and `name_iso`, if there is a time.
void add_since(json::object& values, const std::string& name, std::optional<wall_point> when);
// The error summary above a form: a line per error with a link to its field.
using field_notes = std::vector<std::pair<std::string, std::string>>;  // field ids, messages
void add_summary(json::object& values, const field_notes&);

}  // namespace distd::portal
