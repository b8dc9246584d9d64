#include "role/registry/core/former_histories.hpp"

namespace distd::registry {

void former_histories::put(std::string url, health_history h) {
    static_cast<void>(take(url));
    const auto place = in_order_.emplace(in_order_.end(), std::move(url), std::move(h));
    by_url_.emplace(place->first, place);
    if (in_order_.size() <= max_kept) return;
    by_url_.erase(in_order_.front().first);
    in_order_.pop_front();
}

std::optional<health_history> former_histories::take(std::string_view url) {
    const auto found = by_url_.find(url);
    if (found == by_url_.end()) return std::nullopt;
    const auto place = found->second;
    by_url_.erase(found);
    auto h = std::move(place->second);
    in_order_.erase(place);
    return h;
}

}  // namespace distd::registry
