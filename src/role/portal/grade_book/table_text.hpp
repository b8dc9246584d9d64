// A table on its way through a page's hidden field. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::portal {

inline constexpr std::size_t max_table = 2 << 20;  // bytes

// With CR LF at the end of every line, which is what a browser makes of the line breaks in a field: so the
// table that is confirmed is, byte for byte, the one whose preview was shown.
[[nodiscard]] std::string with_form_lines(std::string_view table);

// Why a visitor's table is not even sent to the grading service; empty: it may be one.
[[nodiscard]] std::string table_problem(std::string_view table);

}  // namespace distd::portal
