// What a key of the configuration may look like. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::registry {

inline constexpr std::size_t max_config_key = 512;

// What is wrong with the path of a key or, ending in a slash, of a directory, and what would be right; empty
// when nothing is. The path is decoded.
[[nodiscard]] std::string problem_with_config_path(std::string_view path);

}  // namespace distd::registry
