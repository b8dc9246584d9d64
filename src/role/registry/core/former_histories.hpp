// Histories of health of instances that have left the list: most come back, as after each deployment. Pure.
// Bounded: the one that left first is forgotten.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "role/registry/core/health_history.hpp"

namespace distd::registry {

class former_histories {
public:
    static constexpr std::size_t max_kept = 2'000;

    using entries = std::list<std::pair<std::string, health_history>>;

    void put(std::string url, health_history);
    // What is known of it, which is not kept here any more.
    [[nodiscard]] std::optional<health_history> take(std::string_view url);
    [[nodiscard]] entries& all() noexcept { return in_order_; }  // those first that left first

private:
    entries in_order_;
    std::unordered_map<std::string_view, entries::iterator> by_url_;
};

}  // namespace distd::registry
