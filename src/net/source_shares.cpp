#include "net/source_shares.hpp"

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

source_shares::source_shares(std::uint64_t max_in_all, std::uint64_t max_per_source)
    : book_(std::make_shared<book>(
          book{.max_in_all = max_in_all, .max_per_source = max_per_source, .sources = {}})) {}

source_shares::source& source_shares::find_or_add(std::string_view address) {
    auto& sources = book_->sources;
    const bool is_v4 = address.find(':') == address.npos;
    const auto known = is_v4 ? sources.find(address) : sources.find(source_of(address));
    if (known != sources.end()) return known->second;
    // Who comes again soon is found again; who does not must not be remembered for ever.
    if (sources.size() >= book_->sweep_at) {
        std::erase_if(sources, [](const auto& s) { return s.second.taken == 0; });
        book_->sweep_at = std::max(book_->sweep_at, 2 * sources.size());
    }
    return sources[is_v4 ? std::string(address) : source_of(address)];
}

source_shares::verdict source_shares::take(std::string_view address, hold& into, std::uint64_t amount) {
    DISTD_ASSERT(amount > 0);  // who holds nothing may be forgotten
    into.release();
    into.source_ = &find_or_add(address);
    into.of_ = book_;
    const auto said = into.try_change_to(amount);
    if (said != verdict::granted) into.of_.reset();
    return said;
}

source_shares::verdict source_shares::hold::try_change_to(std::uint64_t amount) noexcept {
    if (!of_) return verdict::granted;
    if (amount > amount_) {
        const auto more = amount - amount_;
        if (of_->taken + more > of_->max_in_all) return verdict::all_taken;
        if (source_->taken + more > of_->max_per_source) return verdict::share_taken;
    }
    change_to(amount);
    return verdict::granted;
}

void source_shares::hold::change_to(std::uint64_t amount) noexcept {
    if (!of_) return;
    of_->taken += amount - amount_;  // wraps around where it shrinks, and back
    source_->taken += amount - amount_;
    amount_ = amount;
}

void source_shares::hold::release() noexcept {
    if (!of_) return;
    of_->taken -= amount_;
    source_->taken -= amount_;
    amount_ = 0;
    of_.reset();
}

source_shares::hold& source_shares::hold::operator=(hold&& other) noexcept {
    if (this == &other) return *this;
    release();
    of_ = std::move(other.of_);
    source_ = other.source_;
    amount_ = std::exchange(other.amount_, 0);
    return *this;
}

}  // namespace distd::http
