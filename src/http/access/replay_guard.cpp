#include "http/access/replay_guard.hpp"

#include <algorithm>

namespace distd::http {

replay_guard::judgement replay_guard::take(std::uint64_t sender, std::uint64_t number, steady_point now) {
    auto known = senders_.find(sender);
    if (known == senders_.end()) {
        if (senders_.size() >= max_senders && !make_room(now)) return judgement::full;
        known = senders_.emplace(sender, std::make_unique<history>()).first;
        known->second->highest = number;
        known->second->last = now;
        known->second->seen.set(number % remembered_calls);
        return judgement::fresh;
    }
    auto& h = *known->second;
    if (number > h.highest)
        advance(h, number);
    else if (h.highest - number >= remembered_calls || h.seen.test(number % remembered_calls))
        return judgement::seen;
    h.seen.set(number % remembered_calls);
    h.last = now;
    return judgement::fresh;
}

void replay_guard::advance(history& h, std::uint64_t number) {
    if (number - h.highest >= remembered_calls)
        h.seen.reset();
    else
        for (auto n = h.highest + 1; n < number; ++n) h.seen.reset(n % remembered_calls);
    h.seen.reset(number % remembered_calls);
    h.highest = number;
}

bool replay_guard::make_room(steady_point now) {
    return std::erase_if(senders_, [&](const auto& s) { return now - s.second->last > lifetime_; }) > 0;
}

}  // namespace distd::http
