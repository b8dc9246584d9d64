// What a reader asks the log for, and which lines answer it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/line/stored_line.hpp"
#include "role/log/search/expression.hpp"
#include "role/log/search/search_budget.hpp"

namespace distd::logs {

// Which lines.
struct log_filter {
    std::string service;              // escaped; empty: any
    std::vector<std::string> levels;  // escaped; empty: any
    std::string trace;                // escaped; empty: any
    std::string words;                // part of every message that `text` matches; empty: unknown
    std::string words_escaped;
    std::shared_ptr<const expression> text;  // null: any
    std::optional<std::int64_t> from_ns;     // event time, inclusive
    std::optional<std::int64_t> to_ns;       // exclusive
    std::shared_ptr<const void> room;        // for its regular expressions, given back with it

    [[nodiscard]] std::size_t regexes() const { return text == nullptr ? 0 : text->regexes(); }
    // Its steps take a thread as long as they may, so that one thread has to do for all such queries.
    [[nodiscard]] bool is_costly() const;

    [[nodiscard]] bool matches(const stored_line&, work_meter&) const;
    // A cheap check. False: the line cannot match.
    [[nodiscard]] bool may_match_text(std::string_view line) const;
    // Tokens (see tokens.hpp) that every line has that matches: blocks without them are passed over.
    [[nodiscard]] std::vector<std::uint64_t> tokens() const;
};

struct log_query {
    log_filter filter;
    std::uint64_t limit = 100;
    std::optional<std::uint64_t> after;  // the last line that the reader has, in the order asked for
    bool oldest_first = false;
    bool as_text = false;  // else JSON lines
};

inline constexpr std::uint64_t max_lines = 1'000'000;

struct read_query {
    std::optional<log_query> value;
    std::string error;  // which parameter, what is wrong, what would be right
};

// Parameters by name, decoded; the caller has refused names that are none.
[[nodiscard]] read_query parse_query(const std::map<std::string, std::string, std::less<>>& parameters);

// The lines around one, which itself need not match.
struct context_query {
    log_filter filter;  // of its neighbours
    std::uint64_t seq = 0;
    std::uint64_t before = 10;
    std::uint64_t after = 10;
    bool same_service = false;
};
inline constexpr std::uint64_t max_context = 1000;
struct read_context_query {
    std::optional<context_query> value;
    std::string error;
};
[[nodiscard]] read_context_query parse_context_query(
    const std::map<std::string, std::string, std::less<>>& parameters);

}  // namespace distd::logs
