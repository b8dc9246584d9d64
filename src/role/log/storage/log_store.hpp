// The role's store: one thread writes the journal with group commit, one seals it into parts and clears
// away, a few read. Whoever tails the log is woken after each commit. Everything here is used on the loop.
#pragma once

#include <distd/result.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "role/log/storage/compactor.hpp"
#include "role/log/storage/part_set.hpp"
#include "role/log/storage/upkeep_worker.hpp"
#include "store/blocking_pool.hpp"
#include "store/commit_queue.hpp"
#include "store/journal/segment_journal.hpp"
#include "store/parallel_helper.hpp"

namespace distd::logs {

// A step that nobody waits for any more is given up.
template <class Walker>
class waited_for {
public:
    explicit waited_for(std::shared_ptr<Walker> w) : walker_(std::move(w)) {}
    ~waited_for() {
        if (walker_ != nullptr) walker_->give_up();
    }
    waited_for(const waited_for&) = delete;
    waited_for& operator=(const waited_for&) = delete;
    void has_ended() noexcept { walker_.reset(); }

private:
    std::shared_ptr<Walker> walker_;
};

class log_store {
public:
    struct setup {
        std::filesystem::path directory;  // made when it is not there
        bool sync_each_commit = true;
        upkeep_limits upkeep;
        std::uint64_t segment_bytes = 8 << 20;
        disk& storage = real_disk();
    };
    log_store(const setup&, executor loop, time_source&);  // throws store_error
    ~log_store();

    [[nodiscard]] const segment_journal& journal() const noexcept { return journal_; }
    [[nodiscard]] const part_set& parts() const noexcept { return parts_; }
    [[nodiscard]] const compactor& compaction() const noexcept { return compactor_; }

    // Told once when writing begins to fail, with the store's words, and once when it works again, some time
    // after the last failure.
    using outage_handler = std::function<void(bool failing, const std::string& text)>;
    void on_outage(outage_handler handler) { on_outage_ = std::move(handler); }
    // Told each time.
    void on_failure(std::function<void()> handler) { on_failure_ = std::move(handler); }

    // `lines` as segment_journal::append takes them; of the label all but the time. Returns once they are
    // durable (with --log-sync=interval: written).
    [[nodiscard]] task<result<segment_journal::placed>> append(std::string lines, std::uint64_t count,
                                                               batch_label = {});
    // The same without a coroutine: done(result) is called on the loop.
    template <class Done>
    void append(std::string lines, std::uint64_t count, batch_label label, Done done) {
        const auto bytes = lines.size();
        label.at = time_.now();
        auto told = [this, done = std::move(done)](result<segment_journal::placed> placed) mutable {
            note_outcome(placed);
            done(std::move(placed));
        };
        writer_.submit(append_job{journal_, std::move(lines), count, std::move(label)}, bytes,
                       std::move(told));
    }
    [[nodiscard]] task<result<>> sync();

    // Told of what the upkeep did.
    void on_upkeep(upkeep_worker::report_handler h) { upkeep_.on_report(std::move(h)); }
    // Seals, puts together and drops what there is.
    void run_maintenance();
    // So that lines of quiet times are sealed, too.
    [[nodiscard]] task<result<>> end_segment();

    // The next step of a search or a scan, on a reading thread. One that has had much comes behind the
    // others: many long ones must not keep a short one waiting.
    template <class Walker>
    [[nodiscard]] auto step(std::shared_ptr<Walker> w) -> task<result<decltype(w->step())>> {
        waited_for<Walker> here(w);
        const auto when = w->has_had_much() ? turn::later : turn::soon;
        auto job = [w = std::move(w)]() -> result<decltype(w->step())> { return w->step(); };
        auto made = co_await readers_.run(std::move(job), when);
        here.has_ended();
        co_return made;
    }
    // For what walks through parts beside the thread that it is on.
    [[nodiscard]] parallel_helper& helper() noexcept { return helper_; }

    // For work that would hold up the loop.
    template <class Job>
    [[nodiscard]] task<std::invoke_result_t<Job&>> beside_the_loop(Job job, turn when = turn::soon) {
        return readers_.run(std::move(job), when);
    }

    [[nodiscard]] std::size_t queued_bytes() const { return writer_.queued_bytes(); }

    // Rings after each commit while it lives.
    class listener {
    public:
        listener(log_store&, executor, time_source&);
        ~listener();
        listener(const listener&) = delete;
        listener& operator=(const listener&) = delete;

        alarm_clock bell;

    private:
        log_store& store_;
    };

private:
    struct append_job {
        segment_journal& journal;
        std::string lines;
        std::uint64_t count;
        batch_label label;
        result<segment_journal::placed> operator()() const { return journal.append(lines, count, label); }
    };
    void note_outcome(const result<segment_journal::placed>&);
    void on_commit();
    void set_failing(bool failing, const std::string& text);

    time_source& time_;
    part_set parts_;
    segment_journal journal_;
    compactor compactor_;
    parallel_helper helper_{"log-helper"};
    std::set<alarm_clock*> bells_;
    outage_handler on_outage_;
    std::function<void()> on_failure_;
    bool failing_ = false;
    steady_point failed_at_;  // the last time
    commit_queue writer_;     // its thread uses the journal
    blocking_pool readers_;   // and so do these
    upkeep_worker upkeep_;    // and this one
};

}  // namespace distd::logs
