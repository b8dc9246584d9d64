// A table passed through a hidden form field. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::portal {

inline constexpr std::size_t max_table = 2 << 20;  // bytes

// Converts line breaks to CR LF, as browsers do in form fields: so the confirmed table is, byte for byte, the
// previewed one.
[[nodiscard]] std::string with_form_lines(std::string_view table);

// Why a table is rejected without asking the grading service; empty: plausible.
[[nodiscard]] std::string table_problem(std::string_view table);

}  // namespace distd::portal
