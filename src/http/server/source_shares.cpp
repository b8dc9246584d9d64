#include "http/server/source_shares.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/source_name.hpp"

namespace distd::http {

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
        if (all.taken_ + more > all.bounds_.in_all) return verdict::all_taken;
        const auto share = source_->is_loopback ? all.bounds_.loopback : all.bounds_.per_source;
        if (source_->taken + more > share) return verdict::share_taken;
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

}  // namespace distd::http
