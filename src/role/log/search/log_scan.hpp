// Counts what is stored, the newest first, a step at a time on a thread of the reading pool, never two steps
// at once: a scan ends at the first line that was there when it came by, not with what still arrives. What is
// counted is the policy's: groups of lines, or fields and their values.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "role/log/search/field_tally.hpp"
#include "role/log/search/log_walk.hpp"
#include "role/log/search/tally.hpp"
#include "store/parallel_helper.hpp"
#include "store/store_error.hpp"

namespace distd::logs {

template <class Counting>
class counting_scan {
public:
    // Parts and journal outlive the scan.
    counting_scan(const part_set& parts, const segment_journal& journal, log_filter f, Counting c = {})
        : filter_(std::move(f)),
          walk_(parts, journal, log_walk::direction::newest_first, {}, filter_),
          counting_(std::move(c)) {
        filter_.given_up = given_up_.get_token();
    }

    struct progress {
        bool is_end = false;
        std::vector<damage> damaged;
        std::string failure;   // the store's words when it could not be read
        std::string ended_by;  // why it ended early, see search_ended
    };
    // Counts on for some milliseconds.
    [[nodiscard]] progress step() {
        progress p;
        has_begun_ = true;
        const auto enough = Counting::work_per_step(filter_);
        try {
            for (std::size_t done = 0; !p.is_end && done < enough;) {
                filter_.check_not_given_up();
                const auto stretch = walk_.next(Counting::blocks_at_once);
                p.is_end = stretch.is_end;
                done += stretch.lines ? counting_.count(*stretch.lines, filter_)
                                      : counting_.count(stretch.blocks, filter_, p.damaged);
            }
        } catch (const store_error& e) {
            p.failure = e.what();
        } catch (const search_ended& e) {
            p.ended_by = e.reason;
        }
        for (auto& d : walk_.take_damaged()) p.damaged.push_back(std::move(d));
        return p;
    }
    // True after the first step: the next ones are queued behind shorter work. Not during a step.
    [[nodiscard]] bool is_long_running() const noexcept { return has_begun_; }
    // Its step ends at the next line. Any thread.
    void give_up() noexcept { given_up_.request_stop(); }
    [[nodiscard]] const auto& counts() const noexcept { return counting_.counts(); }

private:
    std::stop_source given_up_;
    log_filter filter_;
    log_walk walk_;
    Counting counting_;
    bool has_begun_ = false;
};

// Lines by time, level and service. Blocks whose heads are enough are not read at all; of the others only the
// columns that count are, on two threads. Work is measured in bytes of lines.
class line_counting {
public:
    static constexpr std::size_t blocks_at_once = 32;

    // The helper outlives this.
    line_counting(parallel_helper& helper, tally_keys keys) : helper_(helper), keys_(keys), counts_(keys) {}

    [[nodiscard]] static std::size_t work_per_step(const log_filter& f) { return f.bytes_per_step(64 << 20); }
    std::size_t count(const std::vector<journal_line>&, const log_filter&);
    std::size_t count(const std::vector<log_walk::block>&, const log_filter&, std::vector<damage>&);
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

    [[nodiscard]] static std::size_t work_per_step(const log_filter&) { return 8; }
    std::size_t count(const std::vector<journal_line>&, const log_filter&);
    std::size_t count(const std::vector<log_walk::block>&, const log_filter&, std::vector<damage>&);
    [[nodiscard]] const field_tally& counts() const noexcept { return counts_; }

private:
    field_tally counts_;
};
using field_scan = counting_scan<field_counting>;

}  // namespace distd::logs
