// One search through what is stored: a step at a time on a thread of the reading pool, never two steps at
// once. Blocks of parts are searched on two threads, when there are many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "role/log/search/log_walk.hpp"
#include "role/log/search/query.hpp"
#include "role/log/search/scan_step.hpp"
#include "store/parallel_helper.hpp"

namespace distd::logs {

// What a step found. Lines stand one after the other in `text`, each with its line end.
struct found_lines : scan_progress {
    struct line {
        std::uint64_t seq;
        std::size_t start;
        std::size_t size;  // without the line end
    };
    std::string text;
    std::vector<line> lines;
};

class search {
public:
    // All but the query outlive the search.
    search(const part_set&, const segment_journal&, parallel_helper&, log_query, search_budget);

    // Searches until it has found some 64 KiB of text, or has read some MiB, or the step's time is over, or
    // it is at the end. Between two steps it holds next to nothing, and a piece is two MiB and a line at
    // most: there may be many slow readers.
    [[nodiscard]] found_lines step();
    // True once it has read much without coming to its end: the next steps are queued behind shorter work.
    // Not during a step.
    [[nodiscard]] bool is_long_running() const noexcept;
    [[nodiscard]] bool is_costly() const { return query_.filter.is_costly(); }
    // What it keeps between two steps; newest first shares that with other searches. Not during a step.
    [[nodiscard]] std::size_t kept_bytes() const noexcept;
    // Its step ends at the next line. Any thread.
    void give_up() noexcept { budget_.give_up(); }

private:
    struct block_result {
        std::string text;
        std::vector<found_lines::line> lines;
        std::vector<damage> damaged;
        bool is_cut = false;                  // there are more
        std::optional<std::uint64_t> passed;  // the step was over behind this line
        bool is_untouched = false;            // and before it came to this block
        const char* ended_by = nullptr;
    };

    // Both return how many bytes of lines were scanned. Blocks are matched by threads of the pool, each by
    // itself; their results are added in order, up to what the step has room for.
    std::size_t scan_lines(const std::vector<journal_line>&, found_lines&);
    std::size_t scan_blocks(const std::vector<log_walk::block>&, found_lines&);
    [[nodiscard]] block_result match_block(const log_walk::block&, bool is_first) const;
    void read_block(const log_walk::block&, block_result&) const;
    void add_result(const log_walk::block&, block_result, found_lines&);
    void release_stretch();

    log_query query_;
    search_budget budget_;
    log_walk walk_;
    parallel_helper& helper_;
    std::uint64_t seen_;                   // the last line that was scanned, or where it began
    std::optional<std::uint64_t> cut_at_;  // the piece was full, or the step over, behind this line
    std::size_t stretch_bytes_ = 0;        // lines of the journal that the walk holds
    std::uint64_t left_;
    std::size_t scanned_ = 0;         // bytes of lines since it began, or was at the end
    std::size_t blocks_at_once_ = 1;  // more while little is found in them
};

}  // namespace distd::logs
