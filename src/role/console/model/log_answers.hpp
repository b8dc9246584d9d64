// The log service's answers as facts. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/console/model/facts.hpp"

namespace distd::console {

[[nodiscard]] std::optional<std::map<std::string, std::int64_t>> read_error_counts(
    std::string_view json_text);
// JSON lines; what is none is passed over.
[[nodiscard]] std::vector<log_line> read_log_lines(std::string_view json_lines);

}  // namespace distd::console
