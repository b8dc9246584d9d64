// The text of a config file: `key = value` lines, `#` comments, optional double quotes.
// Invariant: a line `key = ` + quoted_if_needed(value) is read as `value`, if it holds no control characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace distd {

struct config_line {
    int number;
    std::string key;
    std::string value;
};

// Throws settings_error that starts with "FILE:LINE: ".
[[nodiscard]] std::vector<config_line> read_config_lines(const std::string& file, std::string_view text);

[[nodiscard]] std::string quoted_if_needed(const std::string& value);

}  // namespace distd
