#include "role/log/storage/upkeep.hpp"

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

namespace {

// The lines of a part arrived after those of the part before; when the first part's began to arrive is
// unknown, so that with a limit it stays as it is.
bool arrived_within(std::span<const kept_part> parts, std::size_t start, std::size_t end,
                    std::int64_t span_ns) {
    if (span_ns == 0) return true;
    return start > 0 && parts[end - 1].arrived_ns - parts[start - 1].arrived_ns <= span_ns;
}

}  // namespace

merge_choice parts_to_merge(std::span<const kept_part> parts, const merge_limits& max) {
    // From the newest back: what is small lies there.
    for (auto end = parts.size(); end >= min_merged; --end) {
        std::uint64_t sum = 0;
        std::uint64_t largest = 0;
        merge_choice best;
        for (auto start = end; start > 0 && sum + parts[start - 1].line_bytes <= max.line_bytes;) {
            --start;
            if (!arrived_within(parts, start, end, max.span_ns)) break;
            sum += parts[start].line_bytes;
            largest = std::max(largest, parts[start].line_bytes);
            if (end - start >= min_merged && largest <= sum / 2) best = {start, end - start};
        }
        if (best.count > 0) return best;
    }
    return {};
}

}  // namespace distd::logs
