// What is asked of a registry, and its answers as facts.
#pragma once

#include <string>
#include <vector>

#include "ops/answers/alert_answers.hpp"
#include "ops/model/facts.hpp"
#include "ops/model/page_snapshot.hpp"
#include "ops/model/time_range.hpp"
#include "ops/questions/fetched.hpp"

namespace distd::ops {

inline constexpr std::size_t max_events = 1000;  // that are kept of a registry

// The list of instances, unless it is still the one of `next`. Returns what is wrong, in words.
// `path`: /services, or with `?details=1` what the last probes found, too.
[[nodiscard]] task<std::string> ask_instances(send_function, registry_state* next, std::string path);
// The guard, what is missing, and the events after those of `next`. What a foreign registry does not know
// stays unknown.
[[nodiscard]] task<> ask_rest(send_function, registry_state* next);
[[nodiscard]] task<fetched<health_bars>> ask_health(send_function, time_range);
// Of one service, with what the last probes found.
[[nodiscard]] task<fetched<std::vector<instance>>> ask_details(send_function, std::string name);
// Below a directory ("cart/"; "": all of them).
[[nodiscard]] task<fetched<std::vector<std::string>>> ask_keys(send_function, std::string directory);
[[nodiscard]] task<fetched<std::vector<alert_facts>>> ask_alerts(send_function);

}  // namespace distd::ops
