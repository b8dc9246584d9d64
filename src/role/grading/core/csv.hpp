// Comma-separated values (RFC 4180, UTF-8). Written so that no spreadsheet takes a cell for a formula; read
// piece by piece, with bounded memory. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace distd::grading {

// Appends one cell. Texts that begin with = + - @, a tab or a line break get an apostrophe in front, which
// `plain_cell` takes away again.
void append_text_cell(std::string& out, std::string_view text);
[[nodiscard]] std::string_view plain_cell(std::string_view cell) noexcept;

// Splits bytes that arrive in pieces into records. After an error it takes nothing more.
class csv_reader {
public:
    struct record {
        std::size_t line = 1;  // where it begins, from 1
        std::vector<std::string> cells;
    };

    explicit csv_reader(std::size_t max_record) : max_record_(max_record) {}

    // The records that `piece` completes. A byte order mark at the very start is skipped.
    [[nodiscard]] std::vector<record> feed(std::string_view piece);
    [[nodiscard]] std::vector<record> finish();  // the last one, which needs no line break
    [[nodiscard]] const std::string& error() const noexcept { return error_; }  // empty: none so far

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
    std::size_t seen_ = 0;  // bytes, up to the end of a byte order mark
    bool after_return_ = false;
    std::string error_;
};

}  // namespace distd::grading
