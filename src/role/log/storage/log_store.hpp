// The role's store: one thread writes the journal with group commit, one seals it into parts and drops what
// is over the limits, a few read. Live tails are woken after each commit. Everything here is used on the
// loop.
#pragma once

#include <distd/result.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "base/announcer.hpp"
#include "base/completion.hpp"
#include "base/scope_exit.hpp"
#include "role/log/storage/compactor.hpp"
#include "role/log/storage/part_set.hpp"
#include "role/log/storage/retention_clock.hpp"
#include "role/log/storage/upkeep_worker.hpp"
#include "store/blocking_pool.hpp"
#include "store/commit_queue.hpp"
#include "store/journal/segment_journal.hpp"
#include "store/parallel_helper.hpp"

namespace distd::logs {

// Gives up the step that a search or scan is in when the coroutine that waits for it is cancelled.
template <class Walker>
class give_up_on_exit {
public:
    explicit give_up_on_exit(std::shared_ptr<Walker> w) : walker_(std::move(w)) {}
    ~give_up_on_exit() {
        if (walker_ != nullptr) walker_->give_up();
    }
    give_up_on_exit(const give_up_on_exit&) = delete;
    give_up_on_exit& operator=(const give_up_on_exit&) = delete;
    void dismiss() noexcept { walker_.reset(); }

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

    [[nodiscard]] const segment_journal& journal() const noexcept { return journal_; }
    [[nodiscard]] const part_set& parts() const noexcept { return parts_; }
    [[nodiscard]] const compactor& compaction() const noexcept { return compactor_; }

    // Called once when writing begins to fail, with the store's words, and once when it works again, some
    // time after the last failure.
    using outage_handler = std::function<void(bool failing, const std::string& text)>;
    void on_outage(outage_handler handler) { on_outage_ = std::move(handler); }
    // Called on each failed commit.
    void on_failure(std::function<void()> handler) { on_failure_ = std::move(handler); }

    // `lines` as segment_journal::append takes them; of the label all but the time. Completes once they are
    // durable (with --log-sync=interval: written).
    using stored = result<segment_journal::placed>;
    template <class Token = use_task_t>
    auto append(std::string lines, std::uint64_t count, batch_label label = {}, Token token = {}) {
        auto start = [this, lines = std::move(lines), count,
                      label = std::move(label)](completion<stored> on_done) mutable {
            label.at = time_.now();
            const auto bytes = lines.size();
            auto job = [this, lines = std::move(lines), count, label = std::move(label)]() -> stored {
                return journal_.append(lines, count, label);
            };
            auto note_outcome = [this, on_done = std::move(on_done)](stored placed) mutable {
                if (placed && placed->is_new()) set_failing(false, {});
                on_done(std::move(placed));
            };
            writer_.submit(std::move(job), bytes, std::move(note_outcome));
        };
        return initiate<stored>(std::move(token), std::move(start));
    }
    [[nodiscard]] task<result<>> sync();

    // Called when the upkeep has done something, or failed.
    void on_upkeep(upkeep_worker::report_handler h) { upkeep_.on_report(std::move(h)); }
    // Seals, puts together and drops what there is.
    void run_maintenance();
    // So that lines of quiet times are sealed, too.
    [[nodiscard]] task<result<>> end_segment();

    // The next step of a search or a scan, on a reading thread. Long running ones are queued behind the
    // others, and of costly ones one is made at a time: many of them must not keep a short one waiting.
    template <class Walker>
    [[nodiscard]] auto step(std::shared_ptr<Walker> w) -> task<result<decltype(w->step())>> {
        give_up_on_exit<Walker> on_cancel(w);
        const auto when = w->is_costly()         ? turn::one_at_a_time
                          : w->is_long_running() ? turn::later
                                                 : turn::soon;
        auto job = [w = std::move(w)]() -> result<decltype(w->step())> { return w->step(); };
        auto made = co_await readers_.run(std::move(job), when);
        on_cancel.dismiss();
        co_return made;
    }
    // For searches and scans that read blocks on two threads.
    [[nodiscard]] parallel_helper& helper() noexcept { return helper_; }

    // Runs a job that would block the loop on a reading thread.
    template <class Job>
    [[nodiscard]] task<std::invoke_result_t<Job&>> run_off_loop(Job job, turn when = turn::soon) {
        return readers_.run(std::move(job), when);
    }

    // The same for one that may take long: it is given a token, and ends early once that says so, because its
    // caller was cancelled.
    template <class Job>
    [[nodiscard]] task<std::invoke_result_t<Job&, std::stop_token>> run_off_loop_while_wanted(Job job) {
        std::stop_source caller;
        const scope_exit at_end([&caller] { caller.request_stop(); });
        auto whole = [job = std::move(job), gone = caller.get_token()]() mutable { return job(gone); };
        co_return co_await readers_.run(std::move(whole), turn::soon);
    }

    [[nodiscard]] std::size_t queued_bytes() const { return writer_.queued_bytes(); }

    // Announces each commit.
    [[nodiscard]] announcer& commits() noexcept { return commits_; }

private:
    void on_commit();
    void set_failing(bool failing, const std::string& text);

    time_source& time_;
    part_set parts_;
    segment_journal journal_;
    compactor compactor_;
    retention_clock clock_;
    parallel_helper helper_{"log-helper"};
    announcer commits_;
    outage_handler on_outage_;
    std::function<void()> on_failure_;
    bool failing_ = false;
    steady_point failed_at_;  // the last time
    commit_queue writer_;     // its thread uses the journal
    blocking_pool readers_;   // and so do these
    upkeep_worker upkeep_;    // and this one
};

}  // namespace distd::logs
