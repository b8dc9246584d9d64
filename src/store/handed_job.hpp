// A job on its way to another thread and back: run there, settled on the loop, where one coroutine waits for
// its value. Made and destroyed on the loop, so that what the job captured and the alarm are never touched
// from two threads.
#pragma once

#include <cstddef>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <optional>
#include <utility>

namespace distd {

struct handed_job {
    handed_job(executor loop, time_source& time, std::size_t size) : settled(loop, time), bytes(size) {}
    virtual ~handed_job() = default;
    virtual void run() = 0;
    virtual void fail(errc) = 0;

    alarm_clock settled;
    std::size_t bytes;  // what it holds in memory, as told by whoever handed it over
};

template <class Job, class Outcome>
struct typed_job final : handed_job {
    typed_job(executor loop, time_source& time, Job j, std::size_t size)
        : handed_job(loop, time, size), job(std::move(j)) {}
    void run() override { value.emplace(job()); }
    void fail(errc e) override { value.emplace(make_error_code(e)); }

    Job job;
    std::optional<Outcome> value;
};

}  // namespace distd
