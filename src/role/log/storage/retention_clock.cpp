#include "role/log/storage/retention_clock.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace distd::logs {
namespace {

std::int64_t to_ns(std::chrono::nanoseconds d) { return d.count(); }

const std::int64_t max_step_ns = to_ns(std::chrono::minutes(1));  // clocks are adjusted
const std::int64_t max_patience_ns = to_ns(std::chrono::hours(24));

}  // namespace

retention_clock::retention_clock(std::int64_t age_ns) : patience_ns_(std::min(age_ns, max_patience_ns)) {}

std::int64_t retention_clock::read_ns(std::int64_t wall_ns, steady_point now) {
    const auto before = std::exchange(read_at_, now);
    if (!before) return believed_ns_ = wall_ns;
    believed_ns_ += to_ns(now - *before);
    if (wall_ns <= believed_ns_ + max_step_ns) {
        ahead_since_.reset();
        return believed_ns_ = wall_ns;
    }
    if (!ahead_since_) ahead_since_ = now;
    if (to_ns(now - *ahead_since_) < patience_ns_) return believed_ns_;
    ahead_since_.reset();
    return believed_ns_ = wall_ns;
}

}  // namespace distd::logs
