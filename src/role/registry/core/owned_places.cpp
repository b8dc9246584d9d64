#include "role/registry/core/owned_places.hpp"

#include <utility>

namespace distd::registry {

void owned_places::put(const std::string& url, std::string place) {
    const auto before = places_.find(url);
    if (before != places_.end()) {
        if (before->second == place) return;
        auto [i, end] = urls_.equal_range(before->second);
        while (i != end && i->second != url) ++i;
        if (i != end) urls_.erase(i);
        places_.erase(before);
    }
    if (place.empty()) return;
    urls_.emplace(place, url);
    places_.emplace(url, std::move(place));
}

}  // namespace distd::registry
