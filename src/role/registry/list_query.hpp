// What a request for a list asks for: ?name=, ?tag= (each of several must be there), ?health=, ?zone=,
// ?offered=1, ?fields=A,B and ?details=1.
#pragma once

#include <string>
#include <string_view>

#include "role/registry/core/list_filter.hpp"

namespace distd::registry {

// From the query of a request. What is not about filtering is left to others; an empty value filters nothing.
// Returns what is wrong, naming what would be right; empty when it is right.
[[nodiscard]] std::string read_list_filter(std::string_view query, list_filter& out);

}  // namespace distd::registry
