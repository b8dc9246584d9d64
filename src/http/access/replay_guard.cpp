#include "http/access/replay_guard.hpp"

#include <algorithm>

#include "base/source_name.hpp"

namespace distd::http {

replay_guard::judgement replay_guard::take(std::uint64_t sender, std::uint64_t number,
                                           std::string_view address, steady_point now) {
    auto known = senders_.find(sender);
    if (known == senders_.end()) {
        const std::string name(source_name(address).text());
        const auto is_full = [&] {
            const auto of = sources_.find(name);
            const auto taken = of == sources_.end() ? 0 : of->second.senders;
            return senders_.size() >= max_senders || taken >= max_senders / 2;
        };
        if (is_full() && (!make_room(now) || is_full())) return judgement::full;
        auto& of = *sources_.try_emplace(name).first;
        ++of.second.senders;
        senders_.emplace(sender, history{number, now, &of, {number}, nullptr});
        return judgement::fresh;
    }
    auto& h = known->second;
    if (is_seen(h, number)) return judgement::seen;
    h.last = now;  // before room is made: it must not go itself
    if (!h.seen && h.few.size() == few_calls && !become_busy(h, now)) return judgement::full;
    if (h.seen) {
        if (number > h.highest) advance(h, number);
        h.seen->set(number % remembered_calls);
    } else {
        h.few.push_back(number);
    }
    h.highest = std::max(h.highest, number);
    return judgement::fresh;
}

bool replay_guard::is_seen(const history& h, std::uint64_t number) {
    if (number > h.highest) return false;
    if (h.highest - number >= remembered_calls) return true;
    return h.seen ? h.seen->test(number % remembered_calls) : std::ranges::find(h.few, number) != h.few.end();
}

bool replay_guard::become_busy(history& h, steady_point now) {
    const auto is_full = [&] { return busy_ >= max_busy || h.of->second.busy >= max_busy / 2; };
    if (is_full() && (!make_room(now) || is_full())) return false;
    h.seen = std::make_unique<std::bitset<remembered_calls>>();
    for (const auto n : h.few)
        if (h.highest - n < remembered_calls) h.seen->set(n % remembered_calls);
    h.few = {};
    ++busy_;
    ++h.of->second.busy;
    return true;
}

void replay_guard::advance(history& h, std::uint64_t number) {
    if (number - h.highest >= remembered_calls)
        h.seen->reset();
    else
        for (auto n = h.highest + 1; n < number; ++n) h.seen->reset(n % remembered_calls);
    h.seen->reset(number % remembered_calls);
}

bool replay_guard::make_room(steady_point now) {
    if (now < room_at_) return false;
    auto oldest = now;
    const auto before = senders_.size();
    for (auto s = senders_.begin(); s != senders_.end();) {
        const auto& h = s->second;
        if (now - h.last <= lifetime_) {
            oldest = std::min(oldest, h.last);
            ++s;
            continue;
        }
        busy_ -= h.seen ? 1 : 0;
        h.of->second.busy -= h.seen ? 1 : 0;
        if (--h.of->second.senders == 0) sources_.erase(std::string(h.of->first));
        s = senders_.erase(s);
    }
    room_at_ = oldest + lifetime_;
    return senders_.size() < before;
}

}  // namespace distd::http
