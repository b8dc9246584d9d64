// What differs between two texts, line by line. Pure.
#pragma once

#include <string>
#include <string_view>

#include "client/output/output_style.hpp"

namespace distd::ops::client {

// Lines with - and +, and up to three around them that both have. JSON is compared a member a line. Empty:
// they are the same.
[[nodiscard]] std::string diff_text(std::string_view left, std::string_view right, const output_style&);

}  // namespace distd::ops::client
