// The language of `q`: words, "phrases", prefix*, /regular expressions/, field:value, -not, or, parentheses;
// docs/reference/log-search.md describes it. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/line/stored_line.hpp"
#include "role/log/search/search_budget.hpp"

namespace re2 {
class RE2;
}

namespace distd::logs {

// One question about one text.
struct text_test {
    enum class kind { part, whole, regex, less, at_most, more, at_least, present };

    std::string field;  // empty: the message
    kind is = kind::part;
    std::string text;         // in lower case when case does not count; of a regex: what it needs
    bool open_left = false;   // other letters may stand before it
    bool open_right = false;  // and behind it
    bool ignores_case = false;
    double number = 0;
    std::shared_ptr<const re2::RE2> regex;
    std::size_t program = 0;  // instructions of the regex

    // What it looks at is spent first, whatever it finds.
    [[nodiscard]] bool matches(const stored_line&, work_meter&) const;
    [[nodiscard]] bool matches_text(std::string_view, work_meter&) const;
};

// Of the regular expressions of one query. What one of them does to a byte grows with its program, and the
// memory in which it remembers that is taken as long as the query lives.
inline constexpr std::size_t max_regexes = 8;
inline constexpr std::size_t max_program = 8192;  // instructions in all
inline constexpr std::size_t regex_memory = 1 << 20;

struct expression {
    enum class kind { all, any, none, test };

    kind is = kind::all;
    std::vector<expression> parts;  // `none` has one
    text_test test;

    [[nodiscard]] bool matches(const stored_line&, work_meter&) const;

    // The least of a line that has to be known to say whether it matches.
    enum class looks_at { message, known_fields, whole_line };
    [[nodiscard]] looks_at needs() const;

    // What it is to look at a byte of a line, in steps: the tests, and the instructions of their programs.
    [[nodiscard]] std::size_t cost() const;
    [[nodiscard]] std::size_t regexes() const;

    // A text that stands in the message of every line that matches; empty: none is known.
    [[nodiscard]] std::string needed_text() const;
    // Words (runs of letters, digits and underscores, in lower case) that every line has that matches: in its
    // message, service, trace or further fields.
    [[nodiscard]] std::vector<std::string> needed_words() const;
};

struct parsed_expression {
    expression value;
    std::string error;  // at which character, what was expected, what was found; empty: none
};

[[nodiscard]] parsed_expression parse_expression(std::string_view text, bool ignores_case);

}  // namespace distd::logs
