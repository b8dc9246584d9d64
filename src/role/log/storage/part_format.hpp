// The file of a part: a start, blocks, an index of their heads and an end that says where the index lies.
// docs/reference/log-format.md is the whole of it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/storage/block_builder.hpp"
#include "role/log/storage/block_head.hpp"

namespace distd::logs {

inline constexpr std::uint32_t part_format_version = 1;
inline constexpr std::size_t part_start_bytes = 16;
inline constexpr std::size_t part_end_bytes = 40;
inline constexpr std::size_t block_start_bytes = 12;  // a mark, the size of the head and its checksum
inline constexpr std::size_t max_block_head = 16 << 20;

struct placed_block {
    std::uint64_t offset = 0;  // of its head, in the file
    std::uint32_t head_bytes = 0;
    block_head head;

    [[nodiscard]] std::uint64_t body() const noexcept { return offset + head_bytes; }
};

struct part_index {
    // Numbers of the lines that the part stands for, also of those that were damaged before it was made.
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::int64_t arrived_ns = 0;  // when its last line did
    std::uint64_t line_bytes = 0;
    std::vector<placed_block> blocks;
};

[[nodiscard]] std::string part_start();
// Whether it may be a part of any version.
[[nodiscard]] bool has_part_mark(std::string_view) noexcept;
// False: not a part. Throws damaged_bytes when it is one of a version that is not known here.
[[nodiscard]] bool is_part_start(std::string_view);

// What goes before a block's body.
[[nodiscard]] std::string block_start(std::string_view head);
// The size of the head that follows, and its checksum; nothing when no block starts here.
struct announced_head {
    std::uint32_t bytes = 0;
    std::uint32_t crc = 0;
};
[[nodiscard]] std::optional<announced_head> read_block_start(std::string_view);

// Index and end, for a file that has `size` bytes so far.
[[nodiscard]] std::string part_end(const part_index&, std::uint64_t size);
struct index_place {
    std::uint64_t offset = 0;
    std::uint32_t packed = 0;
    std::uint32_t bytes = 0;
    std::uint32_t crc = 0;
};
[[nodiscard]] index_place read_part_end(std::string_view);                  // throws damaged_bytes
[[nodiscard]] part_index read_index(const index_place&, std::string_view);  // throws damaged_bytes

}  // namespace distd::logs
