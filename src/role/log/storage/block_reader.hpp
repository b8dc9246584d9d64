// Reads a block of a part, each column when it is first needed. Pure: the caller provides the bytes. Throws
// damaged_bytes for what does not fit its checksum, or is inconsistent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/line/stored_line.hpp"
#include "role/log/storage/block_head.hpp"

namespace distd::logs {

class block_reader {
public:
    // `source` gives the bytes of a piece; both outlive the reader.
    block_reader(const block_head&, const piece_source& source);

    [[nodiscard]] const block_head& head() const noexcept { return head_; }
    [[nodiscard]] column& of(known_column c) { return columns_[static_cast<std::size_t>(c)]; }
    [[nodiscard]] column& field(std::size_t i) { return columns_[known_columns + i]; }
    [[nodiscard]] const std::vector<std::int64_t>& times();
    [[nodiscard]] std::size_t shape(std::size_t row);

    // Without its line end.
    void append_line(std::string& out, std::size_t row);
    // The place of a row's value in a column of further fields, in "rest" for the first two shapes; npos: it
    // has none.
    [[nodiscard]] std::size_t place_in_field(std::size_t field, std::size_t row);
    [[nodiscard]] std::size_t place_in_rest(std::size_t row);
    // Of a line that is kept whole.
    [[nodiscard]] std::string_view verbatim(std::size_t row);

    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

private:
    void read_shapes();
    void number_values();

    const block_head& head_;
    const piece_source& source_;
    std::vector<column> columns_;
    std::vector<std::int64_t> times_;
    std::string shapes_;
    // Per column of further fields, and last for "rest": each row's place in it.
    std::vector<std::vector<std::uint32_t>> places_;
    std::string tail_;  // of the line that is put together
};

}  // namespace distd::logs
