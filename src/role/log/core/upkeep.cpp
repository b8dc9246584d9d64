#include "role/log/core/upkeep.hpp"

#include <algorithm>

namespace distd::logs {

std::size_t files_to_drop(std::span<const kept_file> files, std::uint64_t other_bytes, const retention& r,
                          std::int64_t now_ns) {
    auto total = other_bytes;
    for (const auto& f : files) total += f.bytes;
    std::size_t dropped = 0;
    for (; dropped < files.size(); ++dropped) {
        const auto& f = files[dropped];
        const bool too_much = r.bytes > 0 && total > r.bytes;
        const bool too_old = r.age_ns > 0 && f.arrived_ns < now_ns - r.age_ns;
        if (!too_much && !too_old) break;
        total -= f.bytes;
    }
    return dropped;
}

merge_choice parts_to_merge(std::span<const std::uint64_t> line_bytes, std::uint64_t largest_merged) {
    // From the newest back: what is small lies there.
    for (auto end = line_bytes.size(); end >= least_merged; --end) {
        std::uint64_t sum = 0;
        std::uint64_t largest = 0;
        merge_choice best;
        for (auto start = end; start > 0 && sum + line_bytes[start - 1] <= largest_merged;) {
            sum += line_bytes[--start];
            largest = std::max(largest, line_bytes[start]);
            if (end - start >= least_merged && largest <= sum / 2) best = {start, end - start};
        }
        if (best.count > 0) return best;
    }
    return {};
}

}  // namespace distd::logs
