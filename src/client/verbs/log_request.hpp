// What the log service is asked for lines, out of what somebody typed. Pure.
#pragma once

#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::ops::client {

struct log_selection {
    std::vector<std::string> services{};
    std::string level{};    // that and all that are worse; "": all
    std::string pattern{};  // a regular expression for what a line says; in lower case it matches any case
    std::string query{};    // in the log service's language
    std::string trace{};
    std::optional<wall_point> from{};
    std::optional<wall_point> to{};
};

// As parameters of /log, each with an ampersand before it. `with_times`: a tail takes none.
[[nodiscard]] std::string parameters_of(const log_selection&, bool with_times);

// One line of an answer: as it was sent, and its number.
struct raw_line {
    std::string_view text;
    std::uint64_t seq = 0;
};
struct raw_answer {
    std::vector<raw_line> lines;        // views of the body
    std::optional<std::uint64_t> more;  // it was not all: go on after this number
};
[[nodiscard]] raw_answer split_lines(std::string_view body);
// The number of a line; 0 for what has none.
[[nodiscard]] std::uint64_t number_of_line(std::string_view json_line);

// Levels by the names that the log service knows, and by number, as journalctl has them.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> level_synonyms();

}  // namespace distd::ops::client
