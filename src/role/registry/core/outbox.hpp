// What one subscriber holds, what it should hold, and the next patch that brings the two together. Pure.
//
// It keeps the difference of two states, not a queue of events, so its memory is bounded by the number of
// instances that concern the subscriber, an add and a remove of the same URL cancel, and one patch catches up
// with any gap.
//
// Peers append what is Added without looking, hence: an Added goes out only for what is known not to be held.
// After an exchange of unknown outcome (sent, no answer) the entries in it are first Removed, which does
// nothing where they are not held, and Added by the patch after that; not by the same one, since peers differ
// in which list they apply first.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "wire/patch.hpp"

namespace distd::registry {

using entry_ptr = std::shared_ptr<const patch_entry>;  // one per instance, shared by all who hold it

struct entry_order {
    bool operator()(const entry_ptr& a, const entry_ptr& b) const noexcept {
        return std::tie(a->name, a->url) < std::tie(b->name, b->url);
    }
};

class outbox {
public:
    enum class belief : std::uint8_t { absent, held, unknown };
    enum class outcome : std::uint8_t {
        arrived,
        refused,   // certainly not applied
        in_doubt,  // sent, and nobody knows
    };
    struct draft {
        std::vector<entry_ptr> added;
        std::vector<entry_ptr> removed;
    };

    static constexpr std::size_t max_entries_in_patch = 10'000;

    // Whether the subscriber should hold the entry from now on.
    void want(const entry_ptr&, bool wanted);
    // The same for an outbox that is restored, with what is believed of the subscriber.
    void assume(const entry_ptr&, belief, bool wanted);
    // The next patch goes out even when there is nothing in it.
    void owe_greeting() noexcept { greeting_owed_ = true; }
    // The subscriber registered anew: it may have been restarted and hold nothing, or be the same and hold
    // all that was sent. Forgets what is wanted.
    void start_over();

    // At most one patch is under way. `take` starts it, `finish` reports its outcome.
    [[nodiscard]] bool has_patch() const noexcept {
        return !under_way_ && (greeting_owed_ || !open_.empty());
    }
    [[nodiscard]] draft take();
    void finish(outcome);

    [[nodiscard]] bool is_under_way() const noexcept { return under_way_; }
    // The subscriber holds exactly what it should.
    [[nodiscard]] bool is_settled() const noexcept { return !under_way_ && !greeting_owed_ && open_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry_state {
        belief held = belief::absent;
        bool wanted = false;
        bool under_way = false;
    };
    using entry_map = std::map<entry_ptr, entry_state, entry_order>;

    void review(entry_map::iterator);
    void finish_list(const std::vector<entry_ptr>&, outcome, belief when_arrived);

    entry_map entries_;                      // all that are held, wanted or unknown
    std::set<entry_ptr, entry_order> open_;  // those of them that a patch is to settle
    draft sent_;
    bool under_way_ = false;
    bool is_of_an_earlier_life_ = false;  // the patch that is under way
    bool greeting_owed_ = false;
};

}  // namespace distd::registry
