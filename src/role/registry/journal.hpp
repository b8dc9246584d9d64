// The one door to a registry's state: changes are numbered, made durable in batches, and applied in the same
// order, so that the directory in memory and the store never disagree.
//
// Bounded: over `most_waiting` a request's change is refused with errc::overloaded. Verdicts of the registry
// itself (an instance is lost, back or gone) are never refused: where the disk refuses them they are applied
// all the same, since nobody should be sent to a dead service because of a full disk, and made durable as
// soon as that is possible.
#pragma once

#include <deque>
#include <distd/result.hpp>
#include <distd/time.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "role/registry/core/directory.hpp"
#include "role/registry/registry_store.hpp"
#include "store/commit_queue.hpp"

namespace distd::registry {

class journal {
public:
    static constexpr std::size_t most_waiting = 16'384;
    static constexpr std::size_t most_in_batch = 4'096;

    // May take a registration out of its change.
    using apply_function = std::function<directory::effect(change&)>;

    journal(registry_store&, executor, time_source&, std::uint64_t last_revision, apply_function);

    // Durable and applied once it returns a value.
    [[nodiscard]] task<result<directory::effect>> commit(change);
    // A change of our own; nobody waits for it.
    void record(change);
    // Tries again to make durable what the disk refused. To be called now and then.
    void record_what_was_refused();

    [[nodiscard]] task<> run();  // until cancelled
    [[nodiscard]] bool is_idle() const noexcept { return waiting_.empty() && !batch_under_way_; }

    commit_queue& queue() noexcept { return queue_; }

private:
    struct ticket {
        ticket(change c, bool own, executor ex, time_source& time)
            : what(std::move(c)), is_own(own), done(ex, time) {}
        change what;
        bool is_own;
        alarm_clock done;
        bool is_done = false;
        result<directory::effect> outcome = directory::effect::nothing;
    };
    using batch = std::vector<std::shared_ptr<ticket>>;

    std::shared_ptr<ticket> enqueue(change, bool is_own);
    void finish(ticket&, const result<>& stored);
    void keep_for_later(const change&);
    [[nodiscard]] std::shared_ptr<const batch> take_batch();

    executor loop_;
    time_source& time_;
    registry_store& store_;
    apply_function apply_;
    std::uint64_t last_revision_;
    std::deque<std::shared_ptr<ticket>> waiting_;
    std::map<std::string, change> refused_;  // by URL: of several verdicts the last one counts
    bool batch_under_way_ = false;
    alarm_clock bell_;
    commit_queue queue_;
};

}  // namespace distd::registry
