// Two texts side by side, by lines: what both have, what only one has. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::ops {

struct diff_row {
    std::optional<std::string> left;
    std::optional<std::string> right;
    [[nodiscard]] bool is_same() const noexcept { return left && right && *left == *right; }
};

// Beyond so many lines nothing is matched in the middle: one text is shown beside the other.
inline constexpr std::size_t max_diff_lines = 1000;
[[nodiscard]] std::vector<diff_row> compare_texts(std::string_view left, std::string_view right);

// JSON with a member a line, so that a diff shows what has changed; nullopt: it is no JSON.
[[nodiscard]] std::optional<std::string> indented_json(std::string_view);

}  // namespace distd::ops
