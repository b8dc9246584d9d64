// Text for a terminal: colours, and lines that are cut to its width. Pure. Whatever bytes come in, what goes
// out holds no control character but our own colours: it neither acts on a terminal nor breaks when it is
// copied from one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/terminal.hpp"

namespace distd {

// For lines that are to be read: a window that is narrower than that wraps them, rather than to lose what
// they say.
[[nodiscard]] terminal for_lines(terminal) noexcept;

// One character for each that must not reach a terminal: control characters, direction marks, and bytes that
// are no UTF-8.
[[nodiscard]] std::string shown(std::string_view text);

// A span as people say it: "0.9 ms", "412 ms", "3.1 s", "15 s", "4 min", "7 h", "3 d".
[[nodiscard]] std::string span_words(std::chrono::microseconds);

// A line that is made from left to right.
class terminal_line {
public:
    terminal_line& put(std::string_view text, tone = tone::plain);
    // An address: half of one is of no use, so a terminal that is too narrow wraps the line behind it.
    terminal_line& put_whole(std::string_view text, tone = tone::plain);
    // What follows begins in that column, counted from 0, or one further where this one is taken.
    terminal_line& go_to(std::size_t column);
    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }

    // With the newline at its end, and "…" where it was too long. A terminal without UTF-8 gets signs that
    // are as wide.
    void append_to(std::string& out, const terminal&) const;

private:
    struct piece {
        std::string text;
        std::size_t columns;
        tone colour;
        bool is_whole;
    };
    [[nodiscard]] std::size_t limit(std::size_t terminal_columns) const noexcept;

    std::vector<piece> pieces_;
    std::size_t columns_ = 0;
};

}  // namespace distd
