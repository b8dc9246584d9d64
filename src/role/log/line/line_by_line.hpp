// The lines of a text, blanks around them cut off, empty ones passed over but counted. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/ascii.hpp"

namespace distd::logs {

class line_by_line {
public:
    explicit line_by_line(std::string_view text) noexcept : rest_(text) {}

    // To the next line that is not empty; false when there is none.
    [[nodiscard]] bool next() noexcept {
        while (!rest_.empty()) {
            const auto end = std::min(rest_.find('\n'), rest_.size());
            line_ = ascii::trimmed(rest_.substr(0, end));
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            ++number_;
            if (!line_.empty()) return true;
        }
        return false;
    }
    [[nodiscard]] std::string_view text() const noexcept { return line_; }
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }  // from 1

private:
    std::string_view rest_;
    std::string_view line_;
    std::uint64_t number_ = 0;
};

}  // namespace distd::logs
