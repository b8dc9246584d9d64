// One reader's way through the journal: a step at a time on a thread of the reading pool, never two steps at
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "role/log/core/query.hpp"
#include "store/journal_walk.hpp"

namespace distd::logs {

// What a step found. Lines stand one after the other in `text`, each with its line end.
struct found_lines {
    struct line {
        std::uint64_t seq;
        std::size_t start;
        std::size_t size;  // without the line end
    };
    std::string text;
    std::vector<line> lines;
    bool is_end = false;          // the limit was reached, or there is no further line for now
    std::uint64_t last_seen = 0;  // the last line that was looked at, 0: none
    std::vector<damage> damaged;  // places that could not be read, met on the way
    std::string failure;          // the store's words when it could not be read at all
};

class search {
public:
    // The journal outlives the search.
    search(const segment_journal&, log_query);

    // Looks until it has a good piece of text, or has looked through some MiB, or is at the end.
    [[nodiscard]] found_lines step();

private:
    void look_through(const std::vector<journal_line>&, found_lines&);

    log_query query_;
    journal_walk walk_;
    std::uint64_t left_;
};

}  // namespace distd::logs
