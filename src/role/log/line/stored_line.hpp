// A line of the journal, read without building a tree: the fields that searches filter by have fixed places.
// Parts take such lines apart, so that putting the pieces together again gives the same bytes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace distd::logs {

// Views into the line. Texts are as they stand in the file: the inside of a JSON string, escapes and all.
struct stored_line {
    std::uint64_t seq = 0;
    std::int64_t time_ns = 0;
    std::string_view level;
    std::string_view service;  // empty: unknown
    std::string_view trace;    // empty: none
    std::string_view message;
    std::string_view further;  // the further fields: ,"a":1,"b":"x"}
};

// Nothing for a line that record.hpp did not write.
[[nodiscard]] std::optional<stored_line> read_stored_line(std::string_view line) noexcept;

// `text` as it stands inside a JSON string of the journal.
[[nodiscard]] std::string escaped(std::string_view text);

// True when the text that `inside` stands for contains `wanted`; `wanted_escaped` is escaped(wanted).
[[nodiscard]] bool contains(std::string_view inside, std::string_view wanted,
                            std::string_view wanted_escaped);

// --- taking apart, putting together

struct line_parts {
    stored_line known;
    std::string_view tail;  // ,"a":1,"b":"x"  - what lies between the message and the last bracket
};

// Nothing for a line that would not come out the same.
[[nodiscard]] std::optional<line_parts> split_line(std::string_view line);

// The line, without its line end.
void join_line(std::string& out, const line_parts&);

// Takes the first member off a tail: its name and its value as they stand there. False when there is none.
[[nodiscard]] bool take_member(std::string_view& tail, std::string_view& name, std::string_view& value);

// Appends the name of a member to a tail; the value is to follow.
void add_name(std::string& tail, std::string_view name);

}  // namespace distd::logs
