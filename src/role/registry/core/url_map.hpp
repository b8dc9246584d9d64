// A map by URL or name for lookups that must not grow dearer with the number of instances. Elements stay
// where they are.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace distd::registry {

struct url_hash {
    using is_transparent = void;  // looks up by string_view without a copy
    // Not noexcept: libstdc++ would take it for one that costs nothing, keep no hash in its nodes, and
    // compute that of each node it passes by.
    std::size_t operator()(std::string_view url) const { return std::hash<std::string_view>()(url); }
};

template <class T>
using url_map = std::unordered_map<std::string, T, url_hash, std::equal_to<>>;

}  // namespace distd::registry
