// Injectable time. Code on the event loop never uses the system clock or a timer directly: it reads a
// `time_source` and waits on an `alarm_clock`, so that tests advance hours in microseconds.
#pragma once

#include <chrono>
#include <distd/task.hpp>
#include <memory>

namespace distd {

using std::chrono::milliseconds;
using std::chrono::seconds;
using steady_point = std::chrono::steady_clock::time_point;
using wall_point = std::chrono::system_clock::time_point;

class alarm_clock;

class time_source {
public:
    virtual ~time_source() = default;
    [[nodiscard]] virtual steady_point now() const noexcept = 0;
    [[nodiscard]] virtual wall_point wall() const noexcept = 0;

protected:
    // For simulated time sources: completes the wait of an alarm that is due.
    static void fire(alarm_clock&) noexcept;

private:
    friend class alarm_clock;
    virtual void schedule(alarm_clock&, steady_point due) = 0;
    virtual void forget(alarm_clock&) noexcept = 0;
};

// The system's clocks.
[[nodiscard]] time_source& real_time() noexcept;

// A timer that can be woken early. At most one coroutine may wait on it at a time.
class alarm_clock {
public:
    alarm_clock(executor, time_source&);
    ~alarm_clock();
    alarm_clock(const alarm_clock&) = delete;
    alarm_clock& operator=(const alarm_clock&) = delete;

    // True when the time has come, false when `wake` ended the wait. A `wake` while nobody waits ends the
    // next wait at once. Throws operation_aborted when the waiting coroutine is cancelled.
    [[nodiscard]] task<bool> wait_until(steady_point due);
    [[nodiscard]] task<bool> wait_for(milliseconds);
    [[nodiscard]] task<> wait();  // until `wake`
    void wake() noexcept;

    [[nodiscard]] time_source& time() const noexcept;

private:
    friend class time_source;
    friend class system_time;
    struct impl;  // keeps Asio's timers out of the public headers
    std::unique_ptr<impl> impl_;
};

// Waits for a duration; can only be cancelled.
[[nodiscard]] task<> sleep_for(time_source&, milliseconds);

}  // namespace distd
