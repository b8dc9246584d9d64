// Examines the last segment of a journal when it is opened: what of it is kept, what was torn by a crash and
// is truncated, and what is damaged and stays where it is.
//
// Torn is only what was not committed. Each batch says how much of the file was on the disk when it was
// written
// (`synced`): what is not sound before that point is damaged. Behind it, everything from the first unsound
// place on is torn; what was committed of it is in the doublewrite file, which is written back before this is
// called. What the disk fails to read is damaged wherever it lies, and never truncated: a later read may
// succeed.
#pragma once

#include <cstdint>
#include <vector>

#include "store/journal/batch_memory.hpp"
#include "store/journal/segment.hpp"

namespace distd {

struct segment_contents {
    std::uint64_t size = 0;  // of the file
    std::uint64_t end = 0;   // of what is kept
    // So much of it is known to be on the disk; of format 1 that is unknown: 0.
    std::uint64_t synced = 0;
    bool may_grow = false;  // false: new batches go to another segment
    bool has_head = false;
    bool has_unmarked_lines = false;  // no batch says that they are on the disk
    std::uint64_t next_line = 1;
    std::uint64_t at = 0;  // when the last batch came
    std::vector<segment::block> blocks;
    std::vector<damage> damaged;
    std::vector<batch_memory::dated_batch> ids;
};

// What is known of a segment from elsewhere: what is not sound there is damaged.
struct segment_evidence {
    bool was_closed = false;      // another segment was begun after it, so all of it had been synced
    std::uint64_t committed = 0;  // so many bytes of it were, also if they were not synced
    std::uint64_t next_line = 0;  // those before it were synced: a file of ids has them
};

// Throws store_error, also for an unknown format.
[[nodiscard]] segment_contents examine_segment(const posix_file&, std::uint64_t first,
                                               const segment_evidence&);

// Whether there are only sound batches between two ends of batches. From 0: after the head.
[[nodiscard]] bool is_whole(const posix_file&, std::uint64_t from, std::uint64_t to);

// Writes once more what is read from the file, so that the next sync has to cover it: after a failed sync it
// may be in the page cache only, and marked clean there. `file` is open in_place.
void write_again(posix_file& file, std::uint64_t from, std::uint64_t to);

}  // namespace distd
