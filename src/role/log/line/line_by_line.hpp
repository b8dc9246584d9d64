// The lines of a text, blanks around them cut off, empty ones passed over but counted. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace distd::logs {

[[nodiscard]] inline std::string_view without_blanks(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

class line_by_line {
public:
    explicit line_by_line(std::string_view text) noexcept : rest_(text) {}

    // To the next line that is not empty; false when there is none.
    [[nodiscard]] bool next() noexcept {
        while (!rest_.empty()) {
            const auto end = std::min(rest_.find('\n'), rest_.size());
            line_ = without_blanks(rest_.substr(0, end));
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
