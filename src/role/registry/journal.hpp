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
#include <utility>
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
    using outcome = result<directory::effect>;
    using told_function = std::function<void(const outcome&)>;

    journal(registry_store&, executor, time_source&, std::uint64_t last_revision, apply_function);

    // `told` is called once the change is durable and applied, or refused; before this returns only in the
    // case of errc::overloaded, and never when the journal ends first.
    void commit(change, told_function told);
    [[nodiscard]] task<outcome> commit(change);
    // A change of our own; nobody waits for it.
    void record(change);
    // Tries again to make durable what the disk refused. To be called now and then.
    void record_what_was_refused();

    [[nodiscard]] task<> run();  // until cancelled
    [[nodiscard]] bool is_idle() const noexcept {
        return waiting_.empty() && !batch_under_way_ && unfinished_.empty();
    }

    commit_queue& queue() noexcept { return queue_; }

private:
    struct ticket {
        change what;
        told_function told;  // empty: it is our own
    };
    using batch = std::vector<ticket>;

    void enqueue(change, told_function);
    void finish_next();
    void finish(ticket&, const result<>& stored);
    void keep_for_later(const change&);
    [[nodiscard]] std::shared_ptr<batch> take_batch();

    executor loop_;
    time_source& time_;
    registry_store& store_;
    apply_function apply_;
    std::uint64_t last_revision_;
    std::deque<ticket> waiting_;
    std::map<std::string, change> refused_;  // by URL: of several verdicts the last one counts
    bool batch_under_way_ = false;
    std::deque<std::pair<std::shared_ptr<batch>, result<>>> unfinished_;  // written, or refused
    alarm_clock bell_;
    std::shared_ptr<void> alive_ = std::make_shared<bool>();  // for what the loop still holds of us
    commit_queue queue_;
};

}  // namespace distd::registry
