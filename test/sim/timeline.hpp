// The time of a simulated world: it stands still until whatever is ready has run, then moves to the next
// thing that is due. Each process has a clock of its own on it, so that the clock on its wall can be wrong,
// and what is left of a process that was killed can be wound up while time stands still for all others.
#pragma once

#include <distd/time.hpp>
#include <functional>
#include <map>

namespace distd::sim {

class timeline {
public:
    [[nodiscard]] steady_point now() const noexcept { return now_; }
    // What is due at the same time happens in the order in which it was asked for.
    void after(steady_point::duration delay, std::function<void()> what) {
        events_.emplace(now_ + delay, std::move(what));
    }
    [[nodiscard]] steady_point next_due() const noexcept {
        return events_.empty() ? steady_point::max() : events_.begin()->first;
    }
    void move_to(steady_point when) noexcept { now_ = when; }
    // One thing that is due; false when there is none.
    bool run_one() {
        if (events_.empty() || events_.begin()->first > now_) return false;
        const auto what = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        what();
        return true;
    }

private:
    steady_point now_{std::chrono::hours(1000)};
    std::multimap<steady_point, std::function<void()>> events_;
};

class process_clock final : public time_source {
public:
    process_clock(const timeline& shared, wall_point::duration wrong_by)
        : shared_(shared), wrong_by_(wrong_by) {}

    steady_point now() const noexcept override { return shared_.now() + ahead_; }
    wall_point wall() const noexcept override {
        const auto run = std::chrono::duration_cast<wall_point::duration>(now().time_since_epoch());
        return wall_point(std::chrono::seconds(1'800'000'000)) + run + wrong_by_;
    }
    void set_wall(wall_point::duration wrong_by) noexcept { wrong_by_ = wrong_by; }

    [[nodiscard]] steady_point next_due() const noexcept {
        return is_waiting() ? due_.begin()->first - ahead_ : steady_point::max();
    }
    void fire_due() {
        while (!due_.empty() && due_.begin()->first <= now()) {
            auto* const a = due_.begin()->second;
            due_.erase(due_.begin());
            fire(*a);
        }
    }
    // For this process alone.
    void skip_to_next() {
        if (is_waiting() && due_.begin()->first > now()) ahead_ += due_.begin()->first - now();
    }

private:
    [[nodiscard]] bool is_waiting() const noexcept {
        return !due_.empty() && due_.begin()->first != steady_point::max();
    }
    void schedule(alarm_clock& a, steady_point due) override {
        if (due <= now()) return fire(a);
        due_.emplace(due, &a);
    }
    void forget(alarm_clock& a) noexcept override {
        std::erase_if(due_, [&](const auto& entry) { return entry.second == &a; });
    }

    const timeline& shared_;
    steady_point::duration ahead_{0};
    wall_point::duration wrong_by_;
    std::multimap<steady_point, alarm_clock*> due_;
};

}  // namespace distd::sim
