// Counts what is stored, a step at a time on a thread of the reading pool, never two steps at once. Blocks
// whose heads tell are not read at all; of the others only the columns that count.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "role/log/search/log_walk.hpp"
#include "role/log/search/tally.hpp"
#include "store/parallel_helper.hpp"

namespace distd::logs {

class log_scan {
public:
    // All but the query outlive the scan.
    log_scan(const part_set&, const segment_journal&, parallel_helper&, stats_query);

    struct progress {
        bool is_end = false;
        std::vector<damage> damaged;
        std::string failure;   // the store's words when it could not be read
        std::string ended_by;  // why it ended early, as search_ended tells it
    };
    // Counts on for some milliseconds.
    [[nodiscard]] progress step();
    // Others go first after its first step. Not during a step.
    [[nodiscard]] bool has_had_much() const noexcept { return has_begun_; }
    // Its step ends at the next line. Any thread.
    void give_up() noexcept { given_up_.request_stop(); }
    [[nodiscard]] const tally& counts() const noexcept { return counts_; }

private:
    std::size_t count(const std::vector<journal_line>&);
    std::size_t count(const std::vector<log_walk::block>&, progress&);

    std::stop_source given_up_;
    stats_query query_;
    log_walk walk_;
    parallel_helper& helper_;
    tally counts_;
    bool has_begun_ = false;
};

}  // namespace distd::logs
