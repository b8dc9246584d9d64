// Which lines of a block answer a filter: the head first, then column by column, so that little is unpacked.
// Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "role/log/search/query.hpp"
#include "role/log/storage/block_reader.hpp"

namespace distd::logs {

// False: no line of the block does.
[[nodiscard]] bool may_match(const block_head&, const log_filter&);
// True: what the head says of it is all there is to ask, and every line does.
[[nodiscard]] bool all_match(const block_head&, const log_filter&);

// The rows that do, in order. Throws damaged_bytes.
[[nodiscard]] std::vector<std::uint32_t> matching_rows(block_reader&, const log_filter&);

}  // namespace distd::logs
