// The scheme of an Authorization field. Pure.
#pragma once

#include <string_view>

#include "base/ascii.hpp"

namespace distd::http {

// Whether the field is of that scheme and shows something behind it.
[[nodiscard]] inline bool has_scheme(std::string_view field, std::string_view scheme) noexcept {
    return field.size() > scheme.size() && field[scheme.size()] == ' ' &&
           ascii::equal_ignoring_case(field.substr(0, scheme.size()), scheme);
}

}  // namespace distd::http
