// Counts what is stored, the newest first, a step at a time on a thread of the reading pool, never two steps
// at once: a scan ends at the first line that was there when it came by, not with what still arrives. What is
// counted is the policy's: groups of lines, or fields and their values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "role/log/search/field_tally.hpp"
#include "role/log/search/log_walk.hpp"
#include "role/log/search/scan_step.hpp"
#include "role/log/search/tally.hpp"
#include "store/parallel_helper.hpp"

namespace distd::logs {

// What a policy did with a stretch.
struct counted_stretch {
    std::size_t work = 0;
    std::optional<std::uint64_t> passed;  // the last line that counts; nothing: all of them do
    const char* ended_by = nullptr;       // see search_ended
};

template <class Counting>
class counting_scan {
public:
    // Parts and journal outlive the scan.
    counting_scan(const part_set& parts, const segment_journal& journal, log_filter f, search_budget budget,
                  Counting c = {})
        : filter_(std::move(f)),
          budget_(std::move(budget)),
          walk_(parts, journal, log_walk::direction::newest_first, {}, filter_),
          seen_(journal.next()),
          counting_(std::move(c)) {}

    // Counts on for some milliseconds. What is counted are lines from `last_seen` on, or all.
    [[nodiscard]] scan_progress step() {
        scan_progress p;
        has_begun_ = true;
        std::size_t work = 0;
        run_step(p, budget_, [&] {
            work += count_stretch(p);
            return work < Counting::work_per_step;
        });
        if (!p.is_end) p.last_seen = seen_;
        for (auto& d : walk_.take_damaged()) p.damaged.push_back(std::move(d));
        return p;
    }
    // True after the first step: the next ones are queued behind shorter work. Not during a step.
    [[nodiscard]] bool is_long_running() const noexcept { return has_begun_; }
    [[nodiscard]] bool is_costly() const { return filter_.is_costly(); }
    // Its step ends at the next line. Any thread.
    void give_up() noexcept { budget_.give_up(); }
    [[nodiscard]] const auto& counts() const noexcept { return counting_.counts(); }

private:
    std::size_t count_stretch(scan_progress& p) {
        const auto stretch = walk_.next(blocks_at_once_);
        budget_.on_read();
        p.is_end = stretch.is_end;
        const auto counted = stretch.lines ? counting_.count(*stretch.lines, filter_, budget_)
                                           : counting_.count(stretch.blocks, filter_, budget_, p.damaged);
        // Blocks behind the one where the step was over have been looked into for nothing.
        blocks_at_once_ = counted.passed ? 1 : std::min(blocks_at_once_ * 2, Counting::blocks_at_once);
        if (counted.passed) walk_.begin_behind(counted.passed);
        if (counted.passed || counted.ended_by == nullptr) seen_ = walk_.passed().value_or(seen_);
        if (counted.ended_by != nullptr) throw search_ended{counted.ended_by};
        return counted.work;
    }

    log_filter filter_;
    search_budget budget_;
    log_walk walk_;
    std::uint64_t seen_;
    std::size_t blocks_at_once_ = Counting::blocks_at_once;
    Counting counting_;
    bool has_begun_ = false;
};

// Lines by time, level and service. Blocks whose heads are enough are not read at all; of the others only the
// columns that count are, on two threads. Work is measured in bytes of lines.
class line_counting {
public:
    static constexpr std::size_t blocks_at_once = 32;
    static constexpr std::size_t work_per_step = 64 << 20;

    // The helper outlives this.
    line_counting(parallel_helper& helper, tally_keys keys) : helper_(helper), keys_(keys), counts_(keys) {}

    counted_stretch count(const std::vector<journal_line>&, const log_filter&, const search_budget&);
    counted_stretch count(const std::vector<log_walk::block>&, const log_filter&, const search_budget&,
                          std::vector<damage>&);
    [[nodiscard]] const tally& counts() const noexcept { return counts_; }

private:
    parallel_helper& helper_;
    tally_keys keys_;
    tally counts_;
};
using log_scan = counting_scan<line_counting>;

// Fields and their values. Work is measured in stretches.
class field_counting {
public:
    static constexpr std::size_t blocks_at_once = 1;
    static constexpr std::size_t work_per_step = 8;

    counted_stretch count(const std::vector<journal_line>&, const log_filter&, const search_budget&);
    counted_stretch count(const std::vector<log_walk::block>&, const log_filter&, const search_budget&,
                          std::vector<damage>&);
    [[nodiscard]] const field_tally& counts() const noexcept { return counts_; }

private:
    field_tally counts_;
};
using field_scan = counting_scan<field_counting>;

}  // namespace distd::logs
