#include "base/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace distd {
namespace {

constexpr double max_wait_seconds = 3600;

}  // namespace

seconds rate_limit::take(std::string_view client, steady_point now) {
    if (!is_on()) return seconds(0);
    auto& b = filled(client, now);
    const auto wait = wait_of(b);
    if (wait == seconds(0)) b.tokens -= 1;
    return wait;
}

seconds rate_limit::wait(std::string_view client, steady_point now) {
    return is_on() ? wait_of(filled(client, now)) : seconds(0);
}

void rate_limit::charge(std::string_view client, std::uint64_t tokens, steady_point now) {
    if (is_on()) filled(client, now).tokens -= static_cast<double>(tokens);
}

double rate_limit::tokens_at(const bucket& b, steady_point now) const noexcept {
    const auto passed = std::chrono::duration<double>(now - b.filled).count();
    return std::min(burst_, b.tokens + passed * per_second_);
}

seconds rate_limit::wait_of(const bucket& b) const noexcept {
    if (b.tokens >= 1) return seconds(0);
    return seconds(std::llround(std::ceil(std::min(max_wait_seconds, (1 - b.tokens) / per_second_))));
}

rate_limit::bucket& rate_limit::filled(std::string_view client, steady_point now) {
    auto& b = bucket_of(client, now);
    b = {tokens_at(b, now), now};
    return b;
}

rate_limit::bucket& rate_limit::bucket_of(std::string_view client, steady_point now) {
    if (const auto known = buckets_.find(client); known != buckets_.end()) return known->second;
    if (buckets_.size() >= max_clients) forget_full(now);
    const auto name = buckets_.size() >= max_clients ? std::string() : std::string(client);
    return buckets_.try_emplace(name, bucket{burst_, now}).first->second;
}

// Once a second at most: it looks at all of them.
void rate_limit::forget_full(steady_point now) {
    if (now < next_clearing_) return;
    next_clearing_ = now + seconds(1);
    std::erase_if(buckets_, [&](const auto& row) { return tokens_at(row.second, now) >= burst_; });
}

}  // namespace distd
