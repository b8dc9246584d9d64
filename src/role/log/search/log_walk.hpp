// A cursor over all that is stored, parts and journal as one, newest or oldest first: each line once, also
// while segments are sealed and parts are merged or dropped. What cannot match the filter is skipped unread.
// Blocking: for a thread of the reading pool. Throws store_error.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "role/log/search/block_search.hpp"
#include "role/log/search/query.hpp"
#include "role/log/storage/part_set.hpp"
#include "store/journal/journal_walk.hpp"

namespace distd::logs {

class log_walk {
public:
    using direction = journal_walk::direction;

    // Begins behind line `after`, seen in the walk's direction; without it at its start. Parts, journal and
    // filter outlive the walk.
    log_walk(const part_set&, const segment_journal&, direction, std::optional<std::uint64_t> after,
             const log_filter&);
    log_walk(const log_walk&) = delete;
    log_walk& operator=(const log_walk&) = delete;

    struct block {
        std::shared_ptr<const part_input> in;
        std::size_t index = 0;
        std::uint64_t first = 0;  // of its lines those that the walk has not passed yet
        std::uint64_t last = 0;
        [[nodiscard]] const block_head& head() const { return in->block(index).head; }
        [[nodiscard]] bool is_whole() const { return first == head().first && last == head().last(); }
        // Those of its lines, when the walk comes to them from there.
        [[nodiscard]] row_range rows(bool newest_first) const;
        // The last line that is passed when so many of them wait for the next step.
        [[nodiscard]] std::uint64_t passed(std::size_t waiting, bool newest_first) const {
            return newest_first ? first + waiting : last - waiting;
        }
    };
    // Either blocks of parts or lines of the journal, which hold until the next call. They are in order, and
    // hold what does not match, too.
    struct stretch {
        std::vector<block> blocks;
        const std::vector<journal_line>* lines = nullptr;
        bool is_end = false;  // there is nothing more, for now at least: oldest first goes on when there is
    };
    [[nodiscard]] stretch next(std::size_t max_blocks);

    // As if it had begun there; frees the stretch at hand.
    void begin_behind(std::optional<std::uint64_t> after);

    [[nodiscard]] bool newest_first() const noexcept { return direction_ == direction::newest_first; }

    // The line that was passed last, in the walk's direction; nothing: it is where it began.
    [[nodiscard]] std::optional<std::uint64_t> passed() const noexcept { return passed_; }

    [[nodiscard]] std::vector<damage> take_damaged() { return std::exchange(damaged_, {}); }

private:
    [[nodiscard]] bool next_lines(stretch&);
    void enter_journal(std::optional<std::uint64_t> after);
    void next_blocks(stretch&, std::size_t max);
    // Of the open part, from where the walk is; returns how many blocks were examined.
    std::size_t collect_blocks(stretch&, std::size_t max, std::size_t max_examined);
    [[nodiscard]] bool is_open_ahead() const noexcept;
    [[nodiscard]] block block_ahead(std::size_t index) const;  // of the open part
    [[nodiscard]] std::shared_ptr<const part> next_part() const;
    [[nodiscard]] bool open_next();  // false: there is no further part; passes over what is not there
    void note_missing(const part&);
    [[nodiscard]] bool is_ahead(std::uint64_t first, std::uint64_t last) const noexcept;

    const part_set& parts_;
    const segment_journal& journal_;
    const direction direction_;
    const log_filter& filter_;
    const std::vector<std::uint64_t> tokens_;
    std::optional<std::uint64_t> passed_;  // the line that was passed last
    std::optional<journal_walk> in_journal_;
    std::shared_ptr<const part_input> open_;  // the part where the walk is
    std::vector<damage> damaged_;
};

}  // namespace distd::logs
