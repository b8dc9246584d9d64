#include "role/registry/core/call_order.hpp"

#include <algorithm>

#include "base/source_name.hpp"

namespace distd::registry {

call_order::judgement call_order::take(const std::string& key, std::uint64_t number, std::string_view address,
                                       steady_point now) {
    const auto known = keys_.find(key);
    if (known != keys_.end()) {
        if (number <= known->second.number) return judgement::overtaken;
        known->second.number = number;
        known->second.at = now;
        return judgement::fresh;
    }
    const std::string source(source_name(address).text());
    const auto is_full = [&] {
        const auto of = sources_.find(source);
        return keys_.size() >= max_ || (of != sources_.end() && of->second >= max_of_source_);
    };
    if (is_full() && (!make_room(now) || is_full())) return judgement::full;
    auto& of = *sources_.try_emplace(source).first;
    ++of.second;
    keys_.emplace(key, latest{number, now, &of});
    return judgement::fresh;
}

bool call_order::make_room(steady_point now) {
    if (now < room_at_) return false;
    bool has_gone = false;
    auto oldest = now;
    for (auto k = keys_.begin(); k != keys_.end();) {
        if (now - k->second.at <= lifetime_) {
            oldest = std::min(oldest, k->second.at);
            ++k;
            continue;
        }
        if (--k->second.of->second == 0) sources_.erase(std::string(k->second.of->first));
        k = keys_.erase(k);
        has_gone = true;
    }
    room_at_ = oldest + lifetime_;
    return has_gone;
}

}  // namespace distd::registry
