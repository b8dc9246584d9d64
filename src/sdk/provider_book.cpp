#include "sdk/provider_book.hpp"

#include <algorithm>

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
    auto& known = providers_[e.name];
    const auto held = std::ranges::find(known, e.url, &provider::url);
    if (held == known.end()) {
        known.push_back({e.url});
        return true;
    }
    held->doubted = false;
    return false;
}

bool provider_book::remove(const patch_entry& e) {
    const auto service = providers_.find(e.name);
    if (service == providers_.end()) return false;
    const auto dropped = std::erase_if(service->second, [&](const provider& p) { return p.url == e.url; });
    if (service->second.empty()) providers_.erase(service);
    return dropped > 0;
}

std::vector<std::string> provider_book::list(std::string_view service) const {
    std::vector<std::string> urls;
    if (const auto found = providers_.find(service); found != providers_.end())
        for (const auto& p : found->second) urls.push_back(p.url);
    return urls;
}

std::optional<std::string> provider_book::pick(std::string_view service, std::uint64_t draw) const {
    const auto found = providers_.find(service);
    if (found == providers_.end()) return std::nullopt;
    return found->second[draw % found->second.size()].url;
}

bool provider_book::has(std::string_view service) const noexcept { return providers_.contains(service); }

void provider_book::doubt_all() noexcept {
    doubts_are_old_ = false;
    for (auto& [name, known] : providers_)
        for (auto& p : known) p.doubted = true;
}

bool provider_book::drop_doubted() {
    doubts_are_old_ = true;
    std::size_t dropped = 0;
    for (auto& [name, known] : providers_)
        if (std::ranges::any_of(known, [](const provider& p) { return !p.doubted; }))
            dropped += std::erase_if(known, [](const provider& p) { return p.doubted; });
    return dropped > 0;
}

}  // namespace distd
