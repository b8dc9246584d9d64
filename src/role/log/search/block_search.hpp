// Which lines of a block answer a filter: the head first, then column by column, so that little is unpacked.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "role/log/search/query.hpp"
#include "role/log/storage/block_reader.hpp"

namespace distd::logs {

// False: no line of the block is of the time that is asked for.
[[nodiscard]] bool may_be_of_time(const block_head&, const log_filter&);
// False: no line of the block does.
[[nodiscard]] bool may_match(const block_head&, const log_filter&);
// True: what the head says of it is all there is to ask, and every line does.
[[nodiscard]] bool all_match(const block_head&, const log_filter&);

// Those that a walk still has to pass, and from which end.
struct row_range {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool newest_first = false;
};
struct rows_found {
    std::vector<std::uint32_t> rows;  // ascending
    std::size_t undecided = 0;  // so many at the range's far end, since the step was over: never all of them
};
// Throws damaged_bytes, search_ended.
[[nodiscard]] rows_found matching_rows(block_reader&, const log_filter&, row_range, work_meter&);

}  // namespace distd::logs
