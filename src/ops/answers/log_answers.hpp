// The log service's answers as facts. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/model/facts.hpp"

namespace distd::ops {

[[nodiscard]] std::optional<std::map<std::string, std::int64_t>> read_error_counts(
    std::string_view json_text);
[[nodiscard]] std::optional<log_counts> read_log_counts(std::string_view json_text);
// JSON lines; what is none is passed over. `max_characters`: of each value.
inline constexpr std::size_t shown_characters = 1000;
[[nodiscard]] std::vector<log_line> read_log_lines(std::string_view json_lines,
                                                   std::size_t max_characters = shown_characters);
// What a line says besides its message, for a person: "757 ms upstream=http://10.0.0.7:8100 tries=2". Ids,
// and what the message of a request says already, are left out.
[[nodiscard]] std::string fields_of(const log_line&);

}  // namespace distd::ops
