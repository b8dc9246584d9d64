#include "role/registry/core/source_quota.hpp"

#include <utility>

namespace distd::registry {

bool source_quota::claim(std::string_view url, const std::string& source) {
    const auto owned = owners_.find(url);
    if (owned != owners_.end() && owned->second->first == source) return true;
    const auto count = counts_.try_emplace(source, 0).first;
    if (count->second >= most_) return false;
    ++count->second;
    if (owned == owners_.end()) {
        owners_.emplace(url, count);
    } else {
        drop_one(std::exchange(owned->second, count));
    }
    return true;
}

void source_quota::release(std::string_view url) {
    const auto owned = owners_.find(url);
    if (owned == owners_.end()) return;
    drop_one(owned->second);
    owners_.erase(owned);
}

void source_quota::drop_one(counts::iterator count) {
    if (--count->second == 0) counts_.erase(count);
}

std::size_t source_quota::held_by(const std::string& source) const {
    const auto found = counts_.find(source);
    return found == counts_.end() ? 0 : found->second;
}

}  // namespace distd::registry
