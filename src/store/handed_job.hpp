// A job on its way to another thread and back: run there, settled on the loop, where one coroutine waits for
// its value, or is called with it. Made and destroyed on the loop, so that what the job captured and the
// alarm are never touched from two threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <optional>
#include <utility>

namespace distd {

struct handed_job {
    explicit handed_job(std::size_t size) : bytes(size) {}
    virtual ~handed_job() = default;
    virtual void run() = 0;
    virtual void fail(errc) = 0;
    virtual void settle() = 0;  // on the loop, after one of the two

    std::size_t bytes;                   // what it holds in memory, as told by whoever handed it over
    std::atomic<bool> is_wanted = true;  // false: nobody waits for its value any more
};

template <class Job, class Outcome>
struct typed_job final : handed_job {
    typed_job(executor loop, time_source& time, Job j, std::size_t size)
        : handed_job(size), settled(loop, time), job(std::move(j)) {}
    void run() override { value.emplace(job()); }
    void fail(errc e) override { value.emplace(make_error_code(e)); }
    void settle() override { settled.wake(); }

    alarm_clock settled;
    Job job;
    std::optional<Outcome> value;
};

// Calls done(outcome).
template <class Job, class Outcome, class Done>
struct callback_job final : handed_job {
    callback_job(Job j, std::size_t size, Done d) : handed_job(size), job(std::move(j)), done(std::move(d)) {}
    void run() override { value.emplace(job()); }
    void fail(errc e) override { value.emplace(make_error_code(e)); }
    void settle() override { done(std::move(*value)); }

    Job job;
    Done done;
    std::optional<Outcome> value;
};

}  // namespace distd
