#include "role/log/intake/source_rate.hpp"

#include <algorithm>
#include <cmath>

#include "base/source_name.hpp"

namespace distd::logs {

std::chrono::seconds source_rate::wait_of(const std::string& address, steady_point now) {
    if (per_second_ == 0) return std::chrono::seconds(0);
    const auto& b = filled(address, now);
    if (b.lines > 0) return std::chrono::seconds(0);
    const auto missing = std::min(3600.0, (1 - b.lines) / per_second_);
    return std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(missing))));
}

void source_rate::charge(const std::string& address, std::uint64_t lines, steady_point now) {
    if (per_second_ != 0) filled(address, now).lines -= static_cast<double>(lines);
}

source_rate::bucket& source_rate::filled(const std::string& address, steady_point now) {
    const std::string source(source_name(address).text());
    auto found = buckets_.find(source);
    if (found == buckets_.end()) {
        if (buckets_.size() >= max_sources) forget_the_quiet(now);
        found = buckets_.emplace(source, bucket{per_second_, now}).first;
    }
    auto& b = found->second;
    const std::chrono::duration<double> since = now - b.filled;
    b.lines = std::min(per_second_, b.lines + since.count() * per_second_);
    b.filled = now;
    return b;
}

void source_rate::forget_the_quiet(steady_point now) {
    std::erase_if(buckets_, [&](const auto& one) {
        const std::chrono::duration<double> since = now - one.second.filled;
        return one.second.lines + since.count() * per_second_ >= per_second_;
    });
    // More are busy at once than are remembered: they start anew.
    if (buckets_.size() >= max_sources) buckets_.clear();
}

}  // namespace distd::logs
