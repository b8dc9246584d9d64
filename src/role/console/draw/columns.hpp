// Counts over time as stacked columns: what failed on top of warnings on top of the others. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace distd::ops::console {

struct stacked_column {
    std::int64_t failed = 0;
    std::int64_t warned = 0;
    std::int64_t others = 0;
    [[nodiscard]] std::int64_t total() const noexcept { return failed + warned + others; }
};
// `title`: words of our own.
[[nodiscard]] std::string draw_columns(const std::vector<stacked_column>&, std::string_view title);

}  // namespace distd::ops::console
