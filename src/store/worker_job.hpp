// A job on its way to another thread and back: run there, completed on the loop. Made and destroyed on the
// loop, so that what the job captured and its completion are never touched from two threads.
#pragma once

#include <cstddef>
#include <distd/result.hpp>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/completion.hpp"

namespace distd {

class worker_job {
public:
    explicit worker_job(std::size_t size) : bytes(size) {}
    virtual ~worker_job() = default;
    worker_job(const worker_job&) = delete;
    worker_job& operator=(const worker_job&) = delete;

    virtual void run() = 0;  // on the worker thread
    virtual void fail(errc) = 0;
    virtual void complete() = 0;  // on the loop, after one of the two
    [[nodiscard]] virtual bool is_wanted() const noexcept = 0;

    const std::size_t bytes;  // what it holds in memory, by its caller's account
};

// `Job` returns a result<T>.
template <class Job>
class worker_job_of final : public worker_job {
public:
    using outcome = std::invoke_result_t<Job&>;

    worker_job_of(Job job, std::size_t size, completion<outcome> on_done)
        : worker_job(size), job_(std::move(job)), on_done_(std::move(on_done)) {}

    void run() override { outcome_.emplace(job_()); }
    void fail(errc e) override { outcome_.emplace(make_error_code(e)); }
    void complete() override { on_done_(*std::move(outcome_)); }
    [[nodiscard]] bool is_wanted() const noexcept override { return on_done_.is_wanted(); }

private:
    Job job_;
    std::optional<outcome> outcome_;
    completion<outcome> on_done_;
};

}  // namespace distd
