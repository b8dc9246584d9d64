// One step of a search or a count: what it met, and how it may end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "role/log/search/log_walk.hpp"
#include "role/log/search/search_budget.hpp"
#include "store/store_error.hpp"

namespace distd::logs {

struct scan_progress {
    bool is_end = false;          // the limit was reached, or there is no further line for now
    std::uint64_t last_seen = 0;  // but at the end: the line behind which to go on
    std::vector<damage> damaged;  // places that could not be read, met on the way
    std::string failure;          // the store's words when it could not be read at all
    std::string ended_by;         // why it ended early, see search_ended
};

// Calls `scan_stretch` until it says that this is enough, there is nothing more, or the step's time is over.
template <class ScanStretch>
void run_step(scan_progress& p, search_budget& budget, ScanStretch scan_stretch) {
    try {
        budget.begin_step();
        for (bool goes_on = true; goes_on && !p.is_end && !budget.is_step_over();) goes_on = scan_stretch();
    } catch (const store_error& e) {
        p.failure = e.what();
    } catch (const search_ended& e) {
        p.ended_by = e.reason;
    }
}

}  // namespace distd::logs
