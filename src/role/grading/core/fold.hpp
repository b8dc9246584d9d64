// Names as a searcher means them: without letter case and accents, for Latin (Vietnamese, too), Greek and
// Cyrillic letters. Other letters stay as they are. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::grading {

// "Łukasz Ünal" gives "lukasz unal". The text is UTF-8; combining accents are dropped.
[[nodiscard]] std::string folded(std::string_view text);

}  // namespace distd::grading
