// The one door to a registry's state: changes are numbered, made durable in batches, and applied in the same
// order, so that the directory in memory and the store never disagree.
//
// Bounded: over `max_waiting_jobs` a request's change is refused with errc::overloaded. What the registry
// itself has found out (an instance is lost, back or gone) is never refused: where the disk refuses it, it is
// applied all the same, since nobody should be sent to a dead service because of a full disk. Only where the
// disk does not even take the mark that says so, it is held back: a restart would not know of it, and give
// indexes again that were shown, and entries to those who hold them.
//
// After a refusal memory and disk differ, and no refused change is ever written later: by then it may have
// been overtaken. What is written as soon as that is possible is how all that they were about stands in
// memory at that moment, alone in its batch and with nothing else under way.
#pragma once

#include <cstdint>
#include <deque>
#include <distd/result.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/completion.hpp"
#include "role/registry/core/directory.hpp"
#include "role/registry/registry_store.hpp"
#include "store/commit_queue.hpp"

namespace distd::registry {

class change_log {
public:
    static constexpr std::size_t max_waiting_jobs = 16'384;
    static constexpr std::size_t max_in_batch = 4'096;
    static constexpr std::size_t max_unsure = 16'384;  // URLs; over it nothing more is tried for requests

    // May take a registration out of its change.
    using apply_function = std::function<directory::effect(change&)>;
    using outcome = result<directory::effect>;

    // Of these URLs, and of the timeline from that index on, as they are in memory.
    using restate_function =
        std::function<restatement(const std::set<std::string>& urls, std::uint64_t from)>;
    // What the memory came from: changes are numbered and timed on from there.
    struct origin {
        std::uint64_t revision = 0;
        std::int64_t at_ms = 0;  // of the latest event
        bool in_doubt = false;
    };

    change_log(registry_store&, executor, time_source&, origin, apply_function, restate_function);

    // Completes once the change is durable and applied, or refused. A callback is called before this returns
    // only when there is no room for the change, and never when the change log ends first.
    template <class Change, class Token = use_task_t>
    auto commit(Change&& c, Token token = {}) {
        // A registration is large: from here on it stays where it is until it is applied.
        auto t = std::make_unique<ticket>(std::forward<Change>(c));
        auto start = [this, t = std::move(t)](completion<outcome> on_done) mutable {
            t->on_done = std::move(on_done);
            admit(std::move(t));
        };
        return initiate<outcome>(std::move(token), std::move(start));
    }
    // A change of our own; nobody waits for it.
    void record(change);
    // Tries to bring the disk up to the memory, where it refused something. To be called now and then.
    void restate();

    [[nodiscard]] task<> run();  // until cancelled
    [[nodiscard]] bool is_idle() const noexcept {
        return waiting_.empty() && !batch_under_way_ && unfinished_.empty() && !restate_is_due_;
    }
    // The disk may not hold what the memory says.
    [[nodiscard]] bool is_unsure() const noexcept { return is_unsure_; }

    commit_queue& queue() noexcept { return queue_; }

private:
    // A change on its way: it waits in a queue, is written with others of its batch on the store's thread,
    // and is finished on the loop in a later turn (finish_soon, finish_next, finish), where whoever asked is
    // answered.
    struct ticket {
        template <class Change>
        explicit ticket(Change&& c) : what(std::forward<Change>(c)) {}

        change what;
        completion<outcome> on_done;  // empty: a change of our own, which nobody waits for
    };
    using batch = std::vector<std::unique_ptr<ticket>>;

    void admit(std::unique_ptr<ticket>);
    void enqueue(std::unique_ptr<ticket>);
    void finish_next();
    void finish(ticket&, const result<>& stored);
    void note_refusal(const batch&, const result<>& stored);
    [[nodiscard]] std::shared_ptr<batch> take_batch();
    [[nodiscard]] task<result<>> write(std::shared_ptr<const batch>);
    [[nodiscard]] task<> write_restatement();
    [[nodiscard]] task<> hold_back(std::shared_ptr<batch>);
    void refuse_what_waits(batch& held);
    void refuse_requests(batch& from, batch& held);
    static void keep_latest(batch& held);
    void finish_soon(std::shared_ptr<batch>, const result<>& stored);

    executor loop_;
    time_source& time_;
    registry_store& store_;
    apply_function apply_;
    restate_function restate_;
    std::uint64_t last_revision_;
    std::int64_t last_at_ms_;
    batch waiting_;
    bool is_unsure_ = false;
    bool restate_is_due_ = false;
    std::set<std::string> unsure_urls_;  // that refused changes were about
    std::uint64_t unsure_from_ = 0;      // the first revision that was refused
    std::uint64_t doubted_before_ = 0;   // see restatement
    errc why_refused_{};
    bool batch_under_way_ = false;
    bool is_holding_back_ = false;
    std::deque<std::pair<std::shared_ptr<batch>, result<>>> unfinished_;  // written, or refused
    alarm_clock bell_;
    std::shared_ptr<void> alive_ = std::make_shared<bool>();  // expired: a posted call finds nothing here
    commit_queue queue_;
};

}  // namespace distd::registry
