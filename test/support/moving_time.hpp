// Time that moves on by the same span whenever somebody looks at it, on any thread; by none, it stands still.
// For what looks at the time and never waits.
#pragma once

#include <atomic>
#include <distd/time.hpp>

namespace distd::test {

class moving_time final : public time_source {
public:
    explicit moving_time(milliseconds by) : by_(by) {}
    steady_point now() const noexcept override { return steady_point(by_ * ++looks_); }
    wall_point wall() const noexcept override { return {}; }

private:
    void schedule(alarm_clock&, steady_point) override {}
    void forget(alarm_clock&) noexcept override {}

    const milliseconds by_;
    mutable std::atomic<int> looks_{0};
};

}  // namespace distd::test
