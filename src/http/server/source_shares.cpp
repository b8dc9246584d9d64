#include "http/server/source_shares.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/source_name.hpp"

namespace distd::http {
namespace {

constexpr std::size_t max_compared =
    256;  // sources, in looking for the fullest: who has more asks others next

constexpr std::uint64_t for_amount(std::uint64_t bound, std::uint64_t amount) noexcept {
    return amount > small_hold ? bound - bound / 8 : bound;
}

}  // namespace

source_shares::source& source_shares::find_or_add(std::string_view address) {
    const source_name name(address);
    const auto known = sources_.find(name.text());
    if (known != sources_.end()) return known->second;
    // Who comes again soon is found again; who does not must not be remembered for ever.
    if (sources_.size() >= sweep_at_) {
        std::erase_if(sources_, [](const auto& s) { return s.second.holds == 0; });
        sweep_at_ = std::max(sweep_at_, 2 * sources_.size());
    }
    auto& added = sources_[std::string(name.text())];
    added.of = this;
    added.is_loopback = name.text() == loopback_source;
    return added;
}

source_shares::verdict source_shares::take(std::string_view address, hold& into, std::uint64_t amount) {
    into.release();
    into.source_ = &find_or_add(address);
    ++into.source_->holds;
    const auto said = into.try_change_to(amount);
    if (said != verdict::granted) into.release();
    return said;
}

source_shares::verdict source_shares::hold::try_change_to(std::uint64_t amount) noexcept {
    DISTD_ASSERT(source_);
    if (amount > amount_) {
        const auto more = amount - amount_;
        const auto& all = *source_->of;
        if (all.taken_ + more > for_amount(all.bounds_.in_all, amount)) return verdict::all_taken;
        const auto share = source_->is_loopback ? all.bounds_.loopback : all.bounds_.per_source;
        if (source_->taken + more > for_amount(share, amount)) return verdict::share_taken;
    }
    change_to(amount);
    return verdict::granted;
}

void source_shares::hold::change_to(std::uint64_t amount) noexcept {
    DISTD_ASSERT(source_);
    source_->of->taken_ += amount - amount_;  // wraps around where it shrinks, and back
    source_->taken += amount - amount_;
    amount_ = amount;
}

void source_shares::hold::release() noexcept {
    if (!source_) return;
    change_to(0);
    --source_->holds;
    source_ = nullptr;
}

source_shares::hold& source_shares::hold::operator=(hold&& other) noexcept {
    if (this == &other) return *this;
    release();
    source_ = std::exchange(other.source_, nullptr);
    amount_ = std::exchange(other.amount_, 0);
    return *this;
}

void source_shares::hold::offer(reclaimable& r, std::size_t queue, steady_point now) {
    DISTD_ASSERT(source_ && !r.is_offered());
    r.since_ = now;
    source_->offers[queue].push_back(r);
    if (!source_->is_linked()) source_->of->offering_.push_back(*source_);
}

bool source_shares::source::has_offers() const noexcept {
    return std::ranges::any_of(offers, [](const auto& queue) { return !queue.empty(); });
}

// Constant on average: what is passed over has been used since it was offered, and goes to the back for that,
// or turns out to be in use and leaves the queue until it is offered anew.
bool source_shares::source::give_back(std::span<const step> steps, steady_point now,
                                      const reclaimable* claimant) {
    for (const auto& [queue, min_age] : steps) {
        auto& offered = offers[queue];
        for (auto it = offered.begin(); it != offered.end();) {
            auto& r = *it++;
            if (&r == claimant) continue;
            if (const auto used = r.last_use(); used > r.since_) {
                r.since_ = used;
                offered.splice(offered.end(), offered, offered.iterator_to(r));
                if (it == offered.end()) it = offered.iterator_to(r);
                continue;
            }
            if (now - r.since_ < min_age) break;
            r.withdraw();
            if (r.give_back()) return true;
        }
    }
    return false;
}

source_shares::source* source_shares::fullest_that_offers(std::uint64_t at_least) {
    source* fullest = nullptr;
    auto it = offering_.begin();
    for (std::size_t compared = 0; it != offering_.end() && compared < max_compared; ++compared) {
        auto& s = *it++;
        if (!s.has_offers())
            s.unlink();
        else if (s.taken >= at_least && (!fullest || s.taken > fullest->taken))
            fullest = &s;
    }
    offering_.splice(offering_.end(), offering_, offering_.begin(), it);
    return fullest;
}

bool source_shares::reclaim(verdict why, std::string_view address, std::span<const step> steps,
                            steady_point now, const reclaimable* claimant) {
    auto& own = find_or_add(address);
    if (why == verdict::share_taken) return own.give_back(steps, now, claimant);
    auto* fullest = fullest_that_offers(own.taken);
    return fullest && fullest->give_back(steps, now, claimant);
}

}  // namespace distd::http
