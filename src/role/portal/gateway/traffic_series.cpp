#include "role/portal/gateway/traffic_series.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace distd::portal {

void traffic_series::add(steady_point now, const request& r) {
    const auto number = slot_of(now);
    if (number != current_slot_) {
        end_slot();
        current_slot_ = number;
    }
    if (!current_) current_ = std::make_unique<histogram>();
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(r.took).count();
    ++current_->counts[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)))];
    auto& s = slot_at(number);
    ++s.requests;
    if (r.has_failed) ++s.failures;
    constexpr std::size_t max = std::numeric_limits<std::uint16_t>::max();
    s.max_in_flight = std::max(s.max_in_flight, static_cast<std::uint16_t>(std::min(r.in_flight, max)));
    s.retries = static_cast<std::uint16_t>(std::min(s.retries + static_cast<std::size_t>(r.retries), max));
}

traffic_sum traffic_series::sum(std::int64_t first, std::int64_t end) const {
    traffic_sum all;
    std::optional<histogram> merged;  // most slots of most services are empty
    for (auto number = std::max<std::int64_t>(first, 0); number < end; ++number) {
        const auto* b = find_block(number / slots_of_block);
        if (!b) {
            number = (number / slots_of_block + 1) * slots_of_block - 1;
            continue;
        }
        const auto& s = b->slots[static_cast<std::size_t>(number % slots_of_block)];
        if (s.requests == 0) continue;
        all.requests += s.requests;
        all.failures += s.failures;
        all.retries += s.retries;
        all.max_in_flight = std::max<std::uint64_t>(all.max_in_flight, s.max_in_flight);
        if (!merged) merged.emplace();
        if (number == current_slot_) {
            for (std::size_t i = 0; i < bucket_count; ++i) merged->counts[i] += 100 * current_->counts[i];
        } else {
            merged->counts[s.p50] += std::uint64_t{50} * s.requests;
            merged->counts[s.p95] += std::uint64_t{45} * s.requests;
            merged->counts[s.p99] += std::uint64_t{5} * s.requests;
        }
    }
    if (!merged) return all;
    const auto at = [&](std::uint64_t percent) {
        return value_of(bucket_at(*merged, 100 * all.requests, percent));
    };
    all.percentiles = {at(50), at(95), at(99)};
    return all;
}

std::size_t traffic_series::bucket_of(std::uint64_t us) noexcept {
    if (us < 8) return us;
    const auto doubling = static_cast<std::size_t>(std::bit_width(us)) - 1;
    const auto eighth = (us >> (doubling - 3)) & 7;
    return std::min((doubling - 2) * 8 + eighth, bucket_count - 1);
}

// The middle of the bucket.
std::uint64_t traffic_series::value_of(std::size_t bucket) noexcept {
    if (bucket < 8) return bucket;
    const auto width_bits = bucket / 8 - 1;
    const auto lowest = (std::uint64_t{8} + bucket % 8) << width_bits;
    return lowest + (std::uint64_t{1} << width_bits) / 2;
}

std::size_t traffic_series::bucket_at(const histogram& h, std::uint64_t total, std::uint64_t percent) {
    const auto rank = (total * percent + 99) / 100;
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < bucket_count; ++i) {
        passed += h.counts[i];
        if (passed >= rank) return i;
    }
    return bucket_count - 1;
}

traffic_series::slot& traffic_series::slot_at(std::int64_t number) {
    const auto block_number = number / slots_of_block;
    auto& b = blocks_[static_cast<std::size_t>(block_number) % blocks];
    if (!b) b = std::make_unique<block>();
    if (b->number != block_number) *b = {block_number, {}};
    return b->slots[static_cast<std::size_t>(number % slots_of_block)];
}

const traffic_series::block* traffic_series::find_block(std::int64_t number) const noexcept {
    const auto& b = blocks_[static_cast<std::size_t>(number) % blocks];
    return b && b->number == number ? b.get() : nullptr;
}

void traffic_series::end_slot() {
    if (!current_) return;
    auto& s = slot_at(current_slot_);
    const auto at = [&](std::uint64_t percent) {
        return static_cast<std::uint8_t>(bucket_at(*current_, s.requests, percent));
    };
    s.p50 = at(50);
    s.p95 = at(95);
    s.p99 = at(99);
    current_.reset();
}

}  // namespace distd::portal
