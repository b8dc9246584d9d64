#include "ops/model/lack.hpp"

#include <vector>

#include "ops/model/words.hpp"

namespace distd::ops {

std::string lack_of(const service_facts& s, const system_overview& t) {
    std::vector<std::string> nobody, none_up;
    for (const auto& name : s.required) {
        const auto* const needed = t.find(name);
        if (!needed || needed->instances.empty())
            nobody.push_back(name);
        else if (needed->up == 0)
            none_up.push_back(name);
    }
    if (!nobody.empty()) return "requires " + listed(nobody, 3) + ", which nobody offers";
    if (!none_up.empty()) return "requires " + listed(none_up, 3) + ", of which no instance is up";
    return {};
}

}  // namespace distd::ops
