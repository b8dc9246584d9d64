// What there is to find out about the last segment of a journal when it is opened: what of it is kept, what
// was torn when the machine went down and is cut off, and what is damaged and stays where it is.
//
// Torn is only what nobody was promised. Batches say how much of the file was on the disk when they were
// written: what is not whole before that is damaged. From the first place behind it that is not whole, all is
// cut off; whoever was promised anything of it has it on the pad, which is written back before this looks.
// What the disk does not give back is damaged wherever it lies: it may be a better day tomorrow.
#pragma once

#include <cstdint>
#include <vector>

#include "store/journal/batch_memory.hpp"
#include "store/journal/segment.hpp"

namespace distd {

struct segment_contents {
    std::uint64_t size = 0;  // of the file
    std::uint64_t end = 0;   // of what is kept
    // So much of it is known to be on the disk. Format 1 does not say: 0.
    std::uint64_t synced = 0;
    bool may_grow = false;  // false: what follows goes to another segment
    bool has_head = false;
    bool has_unmarked_lines = false;  // no batch says that they are on the disk
    std::uint64_t next_line = 1;
    std::uint64_t at = 0;  // when the last batch came
    std::vector<segment::block> blocks;
    std::vector<damage> damaged;
    std::vector<batch_memory::dated_batch> ids;
};

// `was_closed`: another segment was begun after it, so all of it had been synced. Throws store_error, also
// for a format that is not known.
[[nodiscard]] segment_contents examine_segment(const posix_file&, std::uint64_t first, bool was_closed);

// Whether from one end of a batch to another there is nothing but sound ones. From 0: behind the head.
[[nodiscard]] bool is_whole(const posix_file&, std::uint64_t from, std::uint64_t to);

// Writes what the file shows once more, so that the next sync has to cover it: what was read may be in the
// page cache only, and clean there, after a sync that failed. `file` is open in_place.
void write_again(posix_file& file, std::uint64_t from, std::uint64_t to);

}  // namespace distd
