// Time that stands still until a test moves it. `advance` wakes the alarms that came due in order of their
// deadlines and lets everything that is ready run after each.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <distd/time.hpp>
#include <map>

namespace distd::test {

class fake_time final : public time_source {
public:
    explicit fake_time(boost::asio::io_context& loop) : loop_(loop) {}

    steady_point now() const noexcept override { return now_; }
    wall_point wall() const noexcept override { return wall_; }

    // Lets what is ready run, then moves on from deadline to deadline. Not to be called from a coroutine on
    // the loop.
    void advance(milliseconds span);
    // From inside a coroutine: moves time, the loop itself runs whatever wakes.
    void jump(steady_point::duration span);
    // As when somebody sets the clock.
    void jump_wall(milliseconds span) { wall_ += span; }

    [[nodiscard]] std::size_t waiting() const noexcept { return due_.size(); }

private:
    void schedule(alarm_clock& a, steady_point due) override;
    void forget(alarm_clock& a) noexcept override;
    void settle();

    boost::asio::io_context& loop_;
    std::atomic<steady_point> now_{
        steady_point(std::chrono::hours(1000))};  // searches look at it off the loop
    wall_point wall_{std::chrono::seconds(1'800'000'000)};
    std::multimap<steady_point, alarm_clock*> due_;
};

}  // namespace distd::test
