#include "role/portal/gateway/gateway_limits.hpp"

#include <algorithm>
#include <cmath>

namespace distd::portal {

std::optional<seconds> rate_limit::take(std::string_view client, steady_point now) {
    if (!is_on()) return std::nullopt;
    auto& b = bucket_of(client, now);
    const auto passed = std::chrono::duration<double>(now - b.filled).count();
    b.tokens = std::min(burst_, b.tokens + passed * per_second_);
    b.filled = now;
    if (b.tokens >= 1) {
        b.tokens -= 1;
        return std::nullopt;
    }
    return seconds(std::max<std::int64_t>(1, std::llround(std::ceil((1 - b.tokens) / per_second_))));
}

rate_limit::bucket& rate_limit::bucket_of(std::string_view client, steady_point now) {
    if (const auto known = buckets_.find(client); known != buckets_.end()) return known->second;
    if (buckets_.size() >= max_clients) forget_full(now);
    auto& b = buckets_[buckets_.size() >= max_clients ? std::string() : std::string(client)];
    if (b.filled == steady_point()) b = {burst_, now};
    return b;
}

// Once a second at most: it looks at all of them.
void rate_limit::forget_full(steady_point now) {
    if (now < next_clearing_) return;
    next_clearing_ = now + seconds(1);
    std::erase_if(buckets_, [&](const auto& row) {
        const auto passed = std::chrono::duration<double>(now - row.second.filled).count();
        return row.second.tokens + passed * per_second_ >= burst_;
    });
}

}  // namespace distd::portal
