// JSON as programs of another make read it: names match without regard to letter case, null is nothing.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace distd::test {

// Null for a member that is missing, and for members of what is no object.
[[nodiscard]] const boost::json::value& foreign_member(const boost::json::value& of, std::string_view name);
[[nodiscard]] std::string foreign_text(const boost::json::value& of, std::string_view name);
[[nodiscard]] std::vector<boost::json::value> foreign_list(const boost::json::value& of,
                                                           std::string_view name);
[[nodiscard]] boost::json::value foreign_parse(const std::string& text);  // null for what is no JSON
[[nodiscard]] std::string foreign_quoted(const std::string& text);

}  // namespace distd::test
