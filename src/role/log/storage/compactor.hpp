// Maintains what is stored: closed segments are sealed into parts, small parts are merged into larger ones,
// and what is over the limits is dropped, oldest first. Never two of these at once; writers and readers go on
// meanwhile. Throws store_error; whatever was not finished is done again the next time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "role/log/storage/part_set.hpp"
#include "role/log/storage/upkeep.hpp"
#include "store/journal/segment_journal.hpp"

namespace distd::logs {

struct upkeep_limits {
    retention keep;
    merge_limits merge;
    std::uint64_t reserve_bytes = 16 << 20;  // kept free for the time when the disk is full
};

// A part is dropped as a whole: of a small log, parts are small, too, so that most of it stays; and where
// lines stay for a short time only, each part has those of a small part of that time.
[[nodiscard]] upkeep_limits limits_for(const retention&);

// After what time a segment is sealed even if it is not full.
[[nodiscard]] std::chrono::nanoseconds max_segment(const retention&) noexcept;

// What was done since the last report.
struct upkeep_report {
    std::uint64_t sealed = 0;         // segments
    std::uint64_t merged = 0;         // parts that are one now
    std::uint64_t dropped_files = 0;  // over the limits
    std::uint64_t dropped_bytes = 0;
    std::uint64_t dropped_lines = 0;
    std::vector<damage> damaged;  // what could not be sealed
    std::string failure;          // why it ended early; the store's words
};

class compactor {
public:
    // Both outlive the compactor.
    compactor(segment_journal&, part_set&, upkeep_limits);

    // Does what there is to do, one thing after the other, until nothing is left or `stop` says so: also in
    // the middle of one, which then is not done.
    [[nodiscard]] upkeep_report work(std::int64_t now_ns, std::function<bool()> stop) {
        stop_ = std::move(stop);
        upkeep_report done;
        while (!stop_() && step(now_ns, done)) {}
        return done;
    }

    // On disk: parts, segments and what is kept for inspection.
    [[nodiscard]] std::uint64_t bytes() const;
    // The number of the first line that is kept.
    [[nodiscard]] std::uint64_t first_line() const;

private:
    [[nodiscard]] bool step(std::int64_t now_ns, upkeep_report&);
    [[nodiscard]] bool drop(std::int64_t now_ns, upkeep_report&);
    [[nodiscard]] bool seal(upkeep_report&);
    [[nodiscard]] bool merge(upkeep_report&);
    [[nodiscard]] std::shared_ptr<const part> merged(const part_set::list&, upkeep_report&);
    void take_reserve();

    segment_journal& journal_;
    part_set& parts_;
    const upkeep_limits limits_;
    std::function<bool()> stop_;
    std::set<std::filesystem::path> unreadable_;  // parts that are left as they are
};

}  // namespace distd::logs
