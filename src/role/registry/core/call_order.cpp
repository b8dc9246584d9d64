#include "role/registry/core/call_order.hpp"

#include <algorithm>

namespace distd::registry {

call_order::judgement call_order::take(const std::string& key, std::uint64_t number, steady_point now) {
    const auto known = keys_.find(key);
    if (known != keys_.end()) {
        if (number <= known->second.number) return judgement::overtaken;
        known->second = {number, now};
        return judgement::fresh;
    }
    if (keys_.size() >= max_ && !make_room(now)) return judgement::full;
    keys_.emplace(key, latest{number, now});
    return judgement::fresh;
}

bool call_order::make_room(steady_point now) {
    if (now < room_at_) return false;
    const auto gone = std::erase_if(keys_, [&](const auto& k) { return now - k.second.at > lifetime_; });
    auto oldest = now;
    for (const auto& [key, last] : keys_) oldest = std::min(oldest, last.at);
    room_at_ = oldest + lifetime_;
    return gone > 0;
}

}  // namespace distd::registry
