#include "role/registry/core/outbox.hpp"

#include "base/assert.hpp"
#include "base/rarely.hpp"

namespace distd::registry {

void outbox::want(const entry_ptr& e, bool wanted) {
    const auto place = entries_.try_emplace(e).first;
    place->second.wanted = wanted;
    review(place);
}

void outbox::assume(const entry_ptr& e, belief held, bool wanted) {
    const auto place = entries_.insert_or_assign(e, entry_state{held, wanted}).first;
    review(place);
}

void outbox::start_over() {
    for (auto next = entries_.begin(); next != entries_.end();) {
        const auto place = next++;
        auto& state = place->second;
        if (state.held == belief::held) state.held = belief::unknown;
        state.wanted = false;
        review(place);
    }
    is_of_an_earlier_life_ = under_way_;
    greeting_owed_ = true;
}

// Decides whether a patch has to settle the entry, and forgets it when there is nothing to know of it.
void outbox::review(entry_map::iterator place) {
    const auto& [entry, state] = *place;
    if (state.under_way) return;  // `finish` looks again
    const bool is_right = state.held == (state.wanted ? belief::held : belief::absent);
    if (!is_right) {
        open_.insert(entry);
        return;
    }
    open_.erase(entry);
    if (state.held == belief::absent) entries_.erase(place);
}

outbox::draft outbox::take() {
    DISTD_ASSERT(has_patch());
    under_way_ = true;
    for (auto next = open_.begin(); next != open_.end();) {
        const auto entries = sent_.added.size() + sent_.removed.size();
        if (entries == max_entries_in_patch || (entries > 0 && DISTD_RARELY("patch cut short"))) break;
        const auto entry = *next;
        auto& state = entries_.at(entry);
        state.under_way = true;
        (state.held == belief::absent ? sent_.added : sent_.removed).push_back(entry);
        next = open_.erase(next);
    }
    return sent_;
}

void outbox::finish(outcome how) {
    DISTD_ASSERT(under_way_);
    under_way_ = false;
    const bool counts = !std::exchange(is_of_an_earlier_life_, false);
    // The process that took it may not be the one that is there now.
    if (how == outcome::arrived && !counts) how = outcome::in_doubt;
    if (how == outcome::arrived) greeting_owed_ = false;
    const auto ended = std::exchange(sent_, {});
    finish_list(ended.added, how, belief::held);
    finish_list(ended.removed, how, belief::absent);
}

void outbox::finish_list(const std::vector<entry_ptr>& list, outcome how, belief when_arrived) {
    for (const auto& entry : list) {
        const auto place = entries_.find(entry);
        DISTD_ASSERT(place != entries_.end());
        place->second.under_way = false;
        if (how == outcome::arrived) place->second.held = when_arrived;
        if (how == outcome::in_doubt) place->second.held = belief::unknown;
        review(place);
    }
}

}  // namespace distd::registry
