#include "role/registry/core/source_quota.hpp"

namespace distd::registry {

bool source_quota::claim(std::string_view url, const std::string& source) {
    const auto owned = owners_.find(url);
    if (owned != owners_.end() && owned->second->first == source) return true;
    if (held_by(source) >= most_) return false;
    release(url);
    const auto count = counts_.try_emplace(source, 0).first;
    ++count->second;
    owners_.emplace(url, count);
    return true;
}

void source_quota::release(std::string_view url) {
    const auto owned = owners_.find(url);
    if (owned == owners_.end()) return;
    if (--owned->second->second == 0) counts_.erase(owned->second);
    owners_.erase(owned);
}

std::size_t source_quota::held_by(const std::string& source) const {
    const auto found = counts_.find(source);
    return found == counts_.end() ? 0 : found->second;
}

}  // namespace distd::registry
