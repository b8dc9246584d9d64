// Which lines of the log a page shows, as its address says, the links that change that, and what the log
// service is asked for it. Pure.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log_levels.hpp"
#include "ops/model/time_window.hpp"
#include "role/console/model/filter.hpp"

namespace distd::ops::console {

// Lines by number: `before` stands still at the lines before one, so that what is read does not move;
// `around` shows the neighbours of one; `line` is the one that is shown with all its fields.
struct log_query {
    std::string text{};  // in the log service's language
    std::string service{};
    std::string trace{};
    std::vector<std::string> levels{};  // empty: all
    bool ignores_case = false;
    std::string span = "1h";
    std::string from{};  // RFC 3339; with `to` instead of the span
    std::string to{};
    std::uint64_t before = 0;
    std::uint64_t around = 0;
    std::uint64_t line = 0;

    [[nodiscard]] bool follows() const noexcept { return before == 0 && around == 0 && to.empty(); }
    [[nodiscard]] bool has(std::string_view level) const;
    [[nodiscard]] std::string parameters() const;  // of this page's address
    [[nodiscard]] std::string address() const;
    // With so many more conditions on the text, such as `user:"Ann Lee"`.
    [[nodiscard]] log_query with(std::string_view condition) const;
};
[[nodiscard]] log_query read_log_query(const parameter_function&);

inline constexpr std::string_view log_spans[]{"15m", "1h", "24h", "30d"};
inline constexpr std::size_t shown_lines = 200;

// The time that lines and histogram cover.
[[nodiscard]] time_window window_of(const log_query&, wall_point now);

// What the log service is asked: the same for some seconds, so that viewers of one page share the answer.
[[nodiscard]] std::string lines_request(const log_query&, wall_point now);
[[nodiscard]] std::string counts_request(const log_query&, wall_point now);

// The condition that a field has this value.
[[nodiscard]] std::string condition_of(std::string_view field, std::string_view value);

// A message in pieces: those that the plain words and phrases of a query match, and those between.
struct marked_piece {
    std::string text;
    bool is_match = false;
};
[[nodiscard]] std::vector<marked_piece> mark_matches(std::string_view message, const log_query&);

}  // namespace distd::ops::console
