// The table of verbs as text: help, the man page distd(1), the completion of bash. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/arguments/verb.hpp"

namespace distd::ops::client {

// Options and placeholders of one verb, its sentences and examples.
[[nodiscard]] std::string help_of(const verb&);
// A line for each verb.
[[nodiscard]] std::string overview(const std::vector<verb>&);
[[nodiscard]] std::string man_page(const std::vector<verb>&, const std::string& version);
[[nodiscard]] std::string bash_completion(const std::vector<verb>&);

}  // namespace distd::ops::client
