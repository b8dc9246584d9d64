// A line of the journal taken apart, so that putting the parts together again gives the same bytes. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "role/log/line/stored_line.hpp"

namespace distd::logs {

struct line_parts {
    stored_line known;
    std::string_view tail;  // ,"a":1,"b":"x"  - what lies between the message and the last bracket
};

// Nothing for a line that would not come out the same.
[[nodiscard]] std::optional<line_parts> take_apart(std::string_view line);

// The line, without its line end.
void put_together(std::string& out, const line_parts&);

// Takes the first member off a tail: its name and its value as they stand there. False when there is none.
[[nodiscard]] bool take_member(std::string_view& tail, std::string_view& name, std::string_view& value);

// Appends one to a tail.
void add_name(std::string& tail, std::string_view name);

}  // namespace distd::logs
