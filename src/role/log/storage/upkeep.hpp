// Decides what the log keeps and what it puts together. Pure: sizes and times in, a decision out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace distd::logs {

struct retention {
    std::uint64_t bytes = 0;  // on disk, of all; 0: no limit
    std::int64_t age_ns = 0;  // since a line arrived; 0: no limit
};

// A file of lines: a part, or a segment of the journal that is not written to any more.
struct kept_file {
    std::uint64_t bytes = 0;
    std::int64_t arrived_ns = 0;  // its last line
};

// How many of the files, the oldest first, have to go. `other_bytes` count, and stay.
[[nodiscard]] std::size_t files_to_drop(std::span<const kept_file>, std::uint64_t other_bytes,
                                        const retention&, std::int64_t now_ns);

struct kept_part {
    std::uint64_t line_bytes = 0;
    std::int64_t arrived_ns = 0;  // its last line
};

// What a part that was put together may have at most.
struct merge_limits {
    std::uint64_t line_bytes = 256 << 20;
    std::int64_t span_ns = 0;  // between the arrival of its first line and of its last; 0: no limit
};

// Neighbouring parts that are to become one; none: count is 0. Rewriting pays when there are many of them,
// and none is much larger than the others together: so each line is rewritten a few times only.
struct merge_choice {
    std::size_t first = 0;
    std::size_t count = 0;
};
inline constexpr std::size_t min_merged = 8;
[[nodiscard]] merge_choice parts_to_merge(std::span<const kept_part>, const merge_limits&);

}  // namespace distd::logs
