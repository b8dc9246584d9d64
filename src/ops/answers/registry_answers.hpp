// The registry's answers as facts. Pure. What cannot be read is left out: one odd instance does not hide the
// others.
#pragma once

#include <distd/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/model/facts.hpp"

namespace distd::ops {

// nullopt: not an answer of that kind at all.
[[nodiscard]] std::optional<std::vector<instance>> read_instances(std::string_view json_text);
[[nodiscard]] std::optional<std::vector<missing_service>> read_missing(std::string_view json_text);
[[nodiscard]] std::optional<failure_guard> read_guard(std::string_view json_text);
[[nodiscard]] std::optional<std::vector<event>> read_events(std::string_view json_text);
[[nodiscard]] std::optional<health_bars> read_health_history(std::string_view json_text);
[[nodiscard]] std::optional<std::vector<std::string>> read_keys(std::string_view json_text);

// A run-length text ("58w2l", oldest first) of so many buckets, as the worst of each of the bar's parts. What
// is there already stays where it is worse. Stops at the first character that it does not know.
void add_runs(health_bar&, std::string_view runs, std::size_t buckets);

}  // namespace distd::ops
