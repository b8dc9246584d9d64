// One writer thread per store, with group commit: the thread takes every job that has queued up, runs begin,
// the jobs and commit once, and posts one completion for the whole batch to the loop, where each waiter gets
// its own result. A waiter that got a value knows that the commit with its job in it has succeeded.
//
// On failure of a commit, or when a job throws, the batch is rolled back and every job of it fails:
// storage_full or storage_failed, and nothing of it is stored; or outcome_unknown, when not even the target
// knows whether its commit will be there. A job that returns an error has merely refused (not_found,
// conflict); it must have written nothing.
//
// Bounded by jobs and by bytes; over either: errc::overloaded, at once.
// Jobs run on the writer thread and are made and destroyed on the loop. A cancelled waiter leaves its job in
// the queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"
#include "store/handed_job.hpp"

namespace distd {

// The store behind a queue. Called on the writer thread only; `begin` and `commit` throw store_error.
class commit_target {
public:
    virtual ~commit_target() = default;
    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;  // after a failure of any of the two, or of a job
    // What went wrong beside the commits since this was last asked, for the log; empty: nothing.
    [[nodiscard]] virtual std::string take_warning() { return {}; }
};

struct commit_queue_limits {
    std::size_t jobs = 16384;
    std::size_t bytes = 64 << 20;  // of what the jobs carry, as told to `submit`
    // Lets the loop queue more before a batch is taken. Of no use where each job is a batch already.
    bool gathers = true;
};

class commit_queue {
public:
    // Told on the loop, once per failed batch: the code and the store's own words. Also of its warnings.
    using trouble_handler = std::function<void(errc, const std::string& text)>;

    // `thread_name`: at most 15 characters, as the system shows it. The target outlives the queue.
    commit_queue(std::string thread_name, commit_target&, executor loop, time_source&,
                 commit_queue_limits = {});
    ~commit_queue();  // stops
    commit_queue(const commit_queue&) = delete;
    commit_queue& operator=(const commit_queue&) = delete;

    void on_trouble(trouble_handler);
    // Told on the loop after each commit, before those who wait for its jobs.
    void on_commit(std::function<void()>);

    // Runs `job`, which returns a result<T>, in the next batch; returns once that batch is committed. The job
    // is queued when the task is first awaited, in the order of the awaits. `bytes`: what the job holds in
    // memory meanwhile.
    template <class Job>
    [[nodiscard]] task<std::invoke_result_t<Job&>> submit(Job job, std::size_t bytes = 0) {
        using outcome = std::invoke_result_t<Job&>;
        auto j = std::make_shared<typed_job<Job, outcome>>(loop_, time_, std::move(job), bytes);
        if (const auto refused = enqueue(j)) co_return outcome(*refused);
        co_await j->settled.wait();
        DISTD_ASSERT(j->value);
        co_return std::move(*j->value);
    }

    // The same without a coroutine: done(outcome) is called once, on the loop; at once when the job is
    // refused. When the queue or the loop ends before, it is destroyed uncalled.
    template <class Job, class Done>
    void submit(Job job, std::size_t bytes, Done done) {
        using outcome = std::invoke_result_t<Job&>;
        auto j = std::make_shared<callback_job<Job, outcome, Done>>(std::move(job), bytes, std::move(done));
        if (const auto refused = enqueue(j)) j->done(outcome(*refused));
    }

    // Finishes what is queued, then ends the thread: blocks that long. Results still reach their waiters when
    // the loop runs on. Later submissions fail with errc::stopped.
    void stop();

    [[nodiscard]] std::size_t queued_jobs() const;
    [[nodiscard]] std::size_t queued_bytes() const;
    [[nodiscard]] std::uint64_t batches() const;  // committed so far

private:
    struct impl;

    [[nodiscard]] std::optional<boost::system::error_code> enqueue(std::shared_ptr<handed_job>);

    executor loop_;
    time_source& time_;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd
