// What must stand in a text for a regular expression to fit, so that most texts are ruled out by a plain
// search. Pure.
#pragma once

#include <string>

namespace distd::logs {

// Of a valid expression in which letter case counts. Empty: nothing is known.
[[nodiscard]] std::string text_needed_by(const std::string& pattern);

}  // namespace distd::logs
