// Case and accent folding of names for search: Latin (including Vietnamese), Greek and Cyrillic letters.
// Other letters are unchanged. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::grading {

// "Łukasz Ünal" gives "lukasz unal". The text is UTF-8; combining accents are dropped.
[[nodiscard]] std::string folded(std::string_view text);

}  // namespace distd::grading
