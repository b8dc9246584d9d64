// Comma-separated values (RFC 4180, UTF-8). The writer protects against formula injection; the parser is
// incremental, with bounded memory. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace distd::grading {

// Appends one cell. Texts that begin with = + - @, a tab or a line break get a leading apostrophe, which
// `plain_cell` removes again.
void append_text_cell(std::string& out, std::string_view text);
[[nodiscard]] std::string_view plain_cell(std::string_view cell) noexcept;

// Splits input that arrives in pieces into records. After an error it ignores further input.
class csv_reader {
public:
    struct record {
        std::size_t line = 1;  // of its beginning, from 1
        std::vector<std::string> cells;
    };

    explicit csv_reader(std::size_t max_record) : max_record_(max_record) {}

    // The records completed by `piece`. An initial byte order mark is skipped.
    [[nodiscard]] std::vector<record> feed(std::string_view piece);
    [[nodiscard]] std::vector<record> finish();  // the last record, which needs no line break
    [[nodiscard]] const std::string& error() const noexcept { return error_; }  // empty: none

private:
    enum class place : std::uint8_t { cell_start, plain, quoted, after_quote };

    void take(char, std::vector<record>&);
    void end_cell();
    void end_record(std::vector<record>&);
    void fail(const char* what);

    std::size_t max_record_;
    place place_ = place::cell_start;
    record current_;
    std::string cell_;
    std::size_t size_ = 0;  // of the current record, in bytes
    std::size_t line_ = 1;
    std::size_t seen_ = 0;  // of the byte order mark, in bytes
    bool after_return_ = false;
    std::string error_;
};

}  // namespace distd::grading
