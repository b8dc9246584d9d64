// One writer thread per store, with group commit: the thread takes every job that has queued up, runs begin,
// the jobs and commit once, and posts one completion for the whole batch to the loop, where each caller gets
// its own result. A caller that got a value knows that the commit with its job in it has succeeded.
//
// On failure of a commit, or when a job throws, the batch is rolled back and every job of it fails:
// storage_full or storage_failed, and nothing of it is stored; or outcome_unknown, when not even the target
// knows whether its commit will be there. A job that returns an error has merely refused (not_found,
// conflict); it must have written nothing.
//
// Bounded by jobs and by bytes; over either: errc::overloaded, at once.
// Jobs run on the writer thread and are made and destroyed on the loop. A caller that is cancelled leaves its
// job in the queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "base/completion.hpp"
#include "store/worker_job.hpp"

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
    std::size_t bytes = 64 << 20;  // of what the jobs hold, as passed to `submit`
    // Lets the loop queue more before a batch is taken. Of no use where each job is a batch already.
    bool gathers = true;
};

class commit_queue {
public:
    // The code and the store's own words.
    using trouble_handler = std::function<void(errc, const std::string& text)>;

    // `thread_name`: at most 15 characters, as the system shows it. The target outlives the queue.
    commit_queue(std::string thread_name, commit_target&, executor loop, commit_queue_limits = {});
    ~commit_queue();  // stops
    commit_queue(const commit_queue&) = delete;
    commit_queue& operator=(const commit_queue&) = delete;

    // Both are called on the loop, before the completions of the batch: on each failed batch and each warning
    // of the store; and on each commit.
    void on_trouble(trouble_handler);
    void on_commit(std::function<void()>);

    // Runs `job`, which returns a result<T>, in the next batch, and completes with that result once the batch
    // is committed; callbacks in the order of their jobs. Coroutines are queued in the order of their awaits.
    // A callback is called at once when the job is refused, and never when queue or loop end before the
    // batch. `bytes`: what the job holds in memory meanwhile.
    template <class Job, class Token = use_task_t>
    auto submit(Job job, std::size_t bytes = 0, Token token = {}) {
        using outcome = std::invoke_result_t<Job&>;
        auto start = [this, job = std::move(job), bytes](completion<outcome> on_done) mutable {
            enqueue(std::make_shared<worker_job_of<Job>>(std::move(job), bytes, std::move(on_done)));
        };
        return initiate<outcome>(std::move(token), std::move(start));
    }

    // Finishes what is queued, then ends the thread: blocks that long. Results still reach their callers when
    // the loop runs on. Later submissions fail with errc::stopped.
    void stop();

    [[nodiscard]] std::size_t queued_jobs() const;
    [[nodiscard]] std::size_t queued_bytes() const;
    [[nodiscard]] std::uint64_t batches() const;  // committed so far

private:
    struct impl;

    void enqueue(std::shared_ptr<worker_job>);

    std::unique_ptr<impl> impl_;
};

}  // namespace distd
