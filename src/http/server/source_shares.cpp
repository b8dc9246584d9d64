#include "http/server/source_shares.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.hpp"

namespace distd::http {
namespace {

// "2001:db8:0:1" for all of that network's addresses; IPv4 as it is.
std::string source_of(std::string_view address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto bare = address.substr(0, address.find('%'));
    if (bare.find(':') == bare.npos || bare.size() >= text.size()) return std::string(address);
    bare.copy(text.data(), bare.size());
    in6_addr bytes{};
    if (::inet_pton(AF_INET6, text.data(), &bytes) != 1) return std::string(address);
    std::memset(bytes.s6_addr + 8, 0, 8);
    return ::inet_ntop(AF_INET6, &bytes, text.data(), text.size());
}

}  // namespace

source_shares::source& source_shares::find_or_add(std::string_view address) {
    const bool is_v4 = address.find(':') == address.npos;
    const auto known = is_v4 ? sources_.find(address) : sources_.find(source_of(address));
    if (known != sources_.end()) return known->second;
    // Who comes again soon is found again; who does not must not be remembered for ever.
    if (sources_.size() >= sweep_at_) {
        std::erase_if(sources_, [](const auto& s) { return s.second.holds == 0; });
        sweep_at_ = std::max(sweep_at_, 2 * sources_.size());
    }
    auto& added = sources_[is_v4 ? std::string(address) : source_of(address)];
    added.of = this;
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
        if (all.taken_ + more > all.max_in_all_) return verdict::all_taken;
        if (source_->taken + more > all.max_per_source_) return verdict::share_taken;
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
