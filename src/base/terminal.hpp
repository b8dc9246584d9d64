// What may be written to a stream: whether a person reads it at a terminal, how wide that is, and whether it
// shows colours and characters beyond ASCII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

// What a text means; colours only say that.
enum class tone : std::uint8_t { plain, sick, warning, well, dim, bold, link };
// The text in the colour of the tone.
[[nodiscard]] std::string painted(std::string_view text, tone);
// The same with a sequence of its own; empty: as it is.
[[nodiscard]] std::string painted(std::string_view text, std::string_view colour);

enum class colours : std::uint8_t { when_useful, always, never };

struct terminal {
    bool is_terminal = false;
    bool has_colours = false;
    bool has_utf8 = false;
    std::size_t columns = 0;  // 0: lines are not cut
};

// Of an open file. Colours are useful at a terminal unless NO_COLOR is set (to anything but nothing) or TERM
// is `dumb`; characters beyond ASCII are written to files and pipes, and at a terminal when the locale of the
// environment (LC_ALL, LC_CTYPE, LANG) has UTF-8.
[[nodiscard]] terminal terminal_of(int descriptor, colours wanted = colours::when_useful);

// The same, decided from what was found. Pure.
struct terminal_facts {
    bool is_terminal = false;
    std::size_t columns = 0;                                       // that the terminal says; 0: not known
    std::function<std::string(const std::string& name)> variable;  // of the environment; "": not set
};
[[nodiscard]] terminal judge_terminal(const terminal_facts&, colours wanted);

// Columns that a text takes: wide characters take two, marks upon others none. For text without control
// characters.
[[nodiscard]] std::size_t width_of(std::string_view text) noexcept;
// As much of it as `columns` have room for, with the last one an ellipsis where something was left out.
[[nodiscard]] std::string cut_to_width(std::string_view text, std::size_t columns,
                                       std::string_view ellipsis = "…");

// In lines of so many columns at most, broken at spaces where there are some. 0: not broken.
[[nodiscard]] std::vector<std::string> wrap_to_width(std::string_view text, std::size_t columns);

}  // namespace distd
