#include "role/portal/gateway/instance_bound.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace distd::portal {

std::vector<std::string> cut_to_bound(std::vector<instance_facts>& facts,
                                      const std::set<std::string_view>& in_use, std::size_t max) {
    if (facts.size() <= max) return {};
    std::unordered_map<std::string, std::size_t> of_machine;
    std::vector<std::pair<std::size_t, std::size_t>> turns;  // and the index; each pair is another one
    for (const bool was_used : {true, false})
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const auto& f = facts[i];
            if (in_use.contains(f.url) != was_used) continue;
            turns.emplace_back(of_machine[f.machine.empty() ? f.url : f.machine]++, i);
        }
    std::ranges::sort(turns);
    std::vector<instance_facts> kept;
    std::vector<std::string> left_out;
    for (const auto& [turn, i] : turns)
        kept.size() < max ? kept.push_back(std::move(facts[i])) : left_out.push_back(std::move(facts[i].url));
    facts = std::move(kept);
    return left_out;
}

}  // namespace distd::portal
