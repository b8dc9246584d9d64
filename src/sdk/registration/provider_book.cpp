#include "sdk/registration/provider_book.hpp"

#include <utility>

namespace distd {

bool provider_book::apply(const patch& p) {
    bool changed = false;
    // Removed first: an instance that is in both lists is there afterwards.
    for (const auto& e : p.removed) changed |= remove(e);
    for (const auto& e : p.added) changed |= add(e);
    if (doubts_are_old_) changed |= drop_doubted();
    return changed;
}

bool provider_book::add(const patch_entry& e) {
    const auto service = providers_.find(e.name);
    if (service != providers_.end() && service->second.held.contains(e.url)) {
        service->second.doubted.erase(e.url);
        return false;
    }
    const auto more = bytes_of(e.url) + (service == providers_.end() ? bytes_of(e.name) : 0);
    if (bytes_ + more > max_bytes) {
        ++passed_over_;
        return false;
    }
    bytes_ += more;
    auto& known = providers_[e.name];
    known.urls.push_back(e.url);
    known.held.insert(e.url);
    return true;
}

bool provider_book::remove(const patch_entry& e) {
    const auto service = providers_.find(e.name);
    if (service == providers_.end() || !service->second.held.contains(e.url)) return false;
    auto& known = service->second;
    std::erase(known.urls, e.url);
    forget(known, e.url);
    if (!known.urls.empty()) return true;
    bytes_ -= bytes_of(e.name);
    providers_.erase(service);
    return true;
}

// Of what is no longer among its `urls`. `url` may be one of its own.
void provider_book::forget(instances& of, const std::string& url) {
    bytes_ -= bytes_of(url);
    of.doubted.erase(url);
    of.held.erase(url);
}

// Kept twice, in lists that grow by doubling.
std::size_t provider_book::bytes_of(const std::string& url) noexcept {
    constexpr std::size_t beside = 160;
    return 2 * url.size() + beside;
}

std::vector<std::string> provider_book::list(std::string_view service) const {
    const auto found = providers_.find(service);
    return found == providers_.end() ? std::vector<std::string>() : found->second.urls;
}

std::optional<std::string> provider_book::pick(std::string_view service, std::uint64_t draw) const {
    const auto found = providers_.find(service);
    if (found == providers_.end()) return std::nullopt;
    return found->second.urls[draw % found->second.urls.size()];
}

bool provider_book::has(std::string_view service) const noexcept { return providers_.contains(service); }

void provider_book::doubt_all() noexcept {
    doubts_are_old_ = false;
    for (auto& [name, known] : providers_) known.doubted = known.held;
}

bool provider_book::drop_doubted() {
    doubts_are_old_ = true;
    bool dropped = false;
    for (auto& [name, known] : providers_) {
        if (known.doubted.empty() || known.doubted.size() == known.held.size()) continue;
        std::erase_if(known.urls, [&](const std::string& url) { return known.doubted.contains(url); });
        for (const auto& url : std::exchange(known.doubted, {})) forget(known, url);
        dropped = true;
    }
    return dropped;
}

}  // namespace distd
