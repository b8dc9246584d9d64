// One question of many clients, all of whom asked before the service looks at the first.
#pragma once

#include <list>
#include <map>
#include <string>

#include "support/raw_peer.hpp"
#include "support/world.hpp"

namespace distd::test {

// How many got which status. They are connected before: taking a connection is a step of the loop for each.
inline std::map<std::string, std::size_t> asked_at_once(in_process_world& w, const std::string& base,
                                                        const std::string& target, std::size_t count) {
    bool goes_on = true, is_asked = false;
    const auto pump = [&] {
        if (goes_on) w.pump();
        if (goes_on && is_asked)
            w.time.advance(milliseconds(1));  // large answers are made one after the other
    };
    std::list<raw_peer> askers;
    while (askers.size() < count) {
        askers.emplace_back(port_of(base), pump).send(get_request("/heartbeat"));
        static_cast<void>(askers.back().read_answer());
    }
    goes_on = false;
    for (auto& asker : askers) asker.send(get_request(target));
    goes_on = is_asked = true;
    std::map<std::string, std::size_t> seen;
    for (auto& asker : askers) ++seen[asker.read_answer().substr(9, 3)];
    return seen;
}

}  // namespace distd::test
