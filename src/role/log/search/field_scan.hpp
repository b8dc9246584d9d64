// Counts fields and their values over what is stored, the newest first, a step at a time on a thread of the
// reading pool, never two steps at once.
#pragma once

#include <string>
#include <vector>

#include "role/log/search/field_tally.hpp"
#include "role/log/search/log_walk.hpp"

namespace distd::logs {

class field_scan {
public:
    // Shelf and journal outlive the scan.
    field_scan(const part_set&, const segment_journal&, log_filter);

    struct progress {
        bool is_end = false;
        std::vector<damage> damaged;
        std::string failure;   // the store's words when it could not be read
        std::string ended_by;  // why it ended early, as search_ended tells it
    };
    [[nodiscard]] progress step();
    // Others go first after its first step. Not during a step.
    [[nodiscard]] bool has_had_much() const noexcept { return has_begun_; }
    // Its step ends at the next line. Any thread.
    void give_up() noexcept { given_up_.request_stop(); }
    [[nodiscard]] const field_tally& counts() const noexcept { return counts_; }

private:
    void count(const std::vector<journal_line>&);
    void count(const log_walk::block&, progress&);

    std::stop_source given_up_;
    log_filter filter_;
    log_walk walk_;
    field_tally counts_;
    bool has_begun_ = false;
};

}  // namespace distd::logs
