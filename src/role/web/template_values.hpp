// Values for templates that every site needs. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace distd::web {

[[nodiscard]] boost::json::value text(std::string_view);
// Mustache renders a section for an empty string, but not for null.
[[nodiscard]] boost::json::value unless_empty(std::string_view);
[[nodiscard]] std::string counted(std::size_t count, std::string_view one, std::string_view many);

}  // namespace distd::web
