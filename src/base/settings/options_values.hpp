// The form of each setting_kind: what a user may write, what it means, and how numbers are said back.
#pragma once

#include <distd/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

struct setting_value {
    std::string text;         // as a user would write it again
    std::int64_t number = 0;  // on_off: 0 or 1; milliseconds; bytes
    std::vector<std::string> list{};
};

// Throws settings_error that names the value by its origin (see value_place) and says what would be right.
[[nodiscard]] setting_value read_value(const setting&, const std::string& text, const std::string& origin);

// Milliseconds of "250ms" or "1m30s"; throws settings_error with the reason alone. What is too large for any
// machine comes back as the largest number.
[[nodiscard]] std::int64_t read_duration(std::string_view text);

// A number of the row's kind in the row's units: "1m30s", "64KiB", "5".
[[nodiscard]] std::string number_text(setting_kind, std::int64_t);

// The same of a span of time.
[[nodiscard]] std::string duration_text(std::int64_t ms);

// "from 1s to 1h", "at least 1s", or "" for a row without bounds.
[[nodiscard]] std::string range_text(const setting&);

[[nodiscard]] bool is_list(setting_kind) noexcept;
[[nodiscard]] bool is_number(setting_kind) noexcept;  // has a range

[[nodiscard]] std::string joined(const std::vector<std::string>&, const std::string& separator);

// Fit for one line of a message: control characters replaced, cut when long.
[[nodiscard]] std::string printable(const std::string&);

}  // namespace distd
