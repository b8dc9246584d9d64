// What is known of a block of a part without reading its columns: enough to pass over it, and to find what
// is needed of it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "role/log/storage/column.hpp"

namespace distd::logs {

inline constexpr std::size_t block_rows = 8192;
inline constexpr std::size_t block_bytes = 8 << 20;  // of lines; a block that has reached it is full

// The columns that every block has, in their order; those of further fields follow.
enum class known_column : std::uint8_t { time, level, service, trace, message, shape, rest };
inline constexpr std::size_t known_columns = 7;

// Which further fields a line has, in their order. The first two stand for lines that did not fit the
// columns: "rest" holds the line as a whole, or all of it behind the message.
inline constexpr std::size_t verbatim_shape = 0;
inline constexpr std::size_t rest_shape = 1;
inline constexpr std::size_t max_shapes = 250;
inline constexpr std::size_t max_field_columns = 64;

// A text and how many lines have it.
using text_count = std::pair<std::string, std::uint32_t>;

struct block_head {
    std::uint64_t first = 0;  // number of the first line; the others follow without a gap
    std::uint32_t rows = 0;
    std::int64_t earliest_ns = 0;  // event times
    std::int64_t latest_ns = 0;
    std::uint64_t line_bytes = 0;    // of the lines, with their line ends
    bool has_verbatim = false;       // lines that are kept as a whole; the counts below are without them
    std::vector<text_count> levels;  // "" stands for none
    std::vector<text_count> services;
    std::vector<std::vector<std::uint16_t>> shapes;  // further columns' places, from 0
    std::vector<column_place> columns;
    std::uint64_t filter_offset = 0;  // in the body
    std::uint32_t filter_lines = 0;
    std::uint64_t body_bytes = 0;

    [[nodiscard]] const column_place& place(known_column c) const {
        return columns[static_cast<std::size_t>(c)];
    }
    [[nodiscard]] std::uint64_t last() const noexcept { return first + rows - 1; }
};

[[nodiscard]] std::string render_block_head(const block_head&);
[[nodiscard]] block_head parse_block_head(std::string_view);  // throws damaged_bytes

}  // namespace distd::logs
