#include "http/client/zone_queue.hpp"

#include <algorithm>
#include <utility>

namespace distd::http {
namespace {

// The last so many parts of a name.
std::string ending_of(const std::string& name, int parts) {
    auto end = name.ends_with('.') ? name.size() - 1 : name.size();
    auto from = end;
    for (; parts > 0 && from != std::string::npos && from > 0; --parts) from = name.rfind('.', from - 1);
    return from == std::string::npos ? name.substr(0, end) : name.substr(from, end - from);
}

// Whoever had its turn is last, or away if it has nothing left.
void end_turn(std::deque<std::string>& turns, bool has_more) {
    if (has_more) turns.push_back(std::move(turns.front()));
    turns.pop_front();
}

}  // namespace

std::optional<std::string> zone_queue::push(std::string name, std::size_t max) {
    const auto last_part = ending_of(name, 1);
    const auto zone = ending_of(name, 2);
    auto& d = domains_[last_part];
    if (d.size == 0) turns_.push_back(last_part);
    auto& waiting = d.zones[zone];
    if (waiting.empty()) d.turns.push_back(zone);
    waiting.push_back(std::move(name));
    ++d.size;
    if (++size_ <= max) return std::nullopt;
    return drop(last_part, zone);
}

std::string zone_queue::pop() {
    const auto at = domains_.find(turns_.front());
    auto& d = at->second;
    const auto zone = d.zones.find(d.turns.front());
    auto name = std::move(zone->second.front());
    zone->second.pop_front();
    end_turn(d.turns, !zone->second.empty());
    if (zone->second.empty()) d.zones.erase(zone);
    --d.size;
    --size_;
    end_turn(turns_, d.size > 0);
    if (d.size == 0) domains_.erase(at);
    return name;
}

// The newest of the newcomer's own zone, if that has its share of all already: which costs no look at others.
// Else of one that has the most.
std::string zone_queue::drop(const std::string& last_part, const std::string& own_zone) {
    auto at = domains_.find(last_part);
    const bool has_share = at->second.size * domains_.size() >= size_;
    if (!has_share) at = std::ranges::max_element(domains_, {}, [](const auto& d) { return d.second.size; });
    auto& d = at->second;
    auto zone = d.zones.find(own_zone);
    const bool zone_has_share = zone != d.zones.end() && zone->second.size() * d.zones.size() >= d.size;
    if (!zone_has_share)
        zone = std::ranges::max_element(d.zones, {}, [](const auto& z) { return z.second.size(); });
    auto name = std::move(zone->second.back());
    zone->second.pop_back();
    if (zone->second.empty()) {
        std::erase(d.turns, zone->first);
        d.zones.erase(zone);
    }
    --size_;
    if (--d.size == 0) {
        std::erase(turns_, at->first);
        domains_.erase(at);
    }
    return name;
}

}  // namespace distd::http
