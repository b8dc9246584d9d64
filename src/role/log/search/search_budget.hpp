// How long a search, a count or a tail may go on: a step until others want its thread, all of it until its
// deadline or until its caller has gone. The time is looked at between two tests of a line, every so much
// work, so that no line, and no number of them, holds a thread much longer than a step may take.
#pragma once

#include <cstddef>
#include <distd/time.hpp>
#include <stop_token>

namespace distd::logs {

// Thrown on a thread of the reading pool.
struct search_ended {
    const char* reason;  // as it stands in the answer: "time", "cost"
};

// Work is counted in bytes that are looked at, times the instructions of the regular expression that does.
// RE2 takes 0.01 to 9 ns for one, the latter where the memory for its states is too small for what it meets.
inline constexpr std::size_t max_line_work = 64 << 20;       // of all tests of a line: about half a second
inline constexpr std::size_t work_between_looks = 64 << 10;  // at the clock: half a millisecond at most
inline constexpr milliseconds max_step{50};
// Of a tail: there are many, and a search may come behind some of them on each of the threads.
inline constexpr milliseconds max_tail_step{10};

class search_budget {
public:
    // The time source outlives the budget.
    explicit search_budget(const time_source& time, steady_point deadline = steady_point::max(),
                           milliseconds step = max_step)
        : time_(&time), deadline_(deadline), step_(step) {}

    // The search ends at its next line. Any thread.
    void give_up() noexcept { given_up_.request_stop(); }
    void check_not_given_up() const {
        if (given_up_.stop_requested()) throw search_ended{"time"};
    }

    // A step's time begins with what it has read first, not with the reading: however slow the disk is, each
    // step looks through something.
    void begin_step() {
        step_end_ = steady_point::max();
        static_cast<void>(is_step_over());
    }
    void on_read() {
        if (step_end_ == steady_point::max()) step_end_ = time_->now() + step_;
    }
    // Throws search_ended when all of the time is up.
    [[nodiscard]] bool is_step_over() const {
        check_not_given_up();
        const auto now = time_->now();
        if (now >= deadline_) throw search_ended{"time"};
        return now >= step_end_;
    }

private:
    const time_source* time_;
    steady_point deadline_;
    milliseconds step_;
    steady_point step_end_ = steady_point::max();
    std::stop_source given_up_;
};

// What one thread spends of a budget.
class work_meter {
public:
    // Not longer than the stretch of lines that it is for: the first of them is always looked at.
    explicit work_meter(const search_budget& budget) noexcept : budget_(budget) {}

    // Both throw search_ended.
    void begin_line() {
        budget_.check_not_given_up();
        line_work_ = 0;
    }
    void spend(std::size_t work) {
        line_work_ += work;
        if (line_work_ > max_line_work) throw search_ended{"cost"};
        since_look_ += work;
        if (since_look_ < work_between_looks) return;
        since_look_ = 0;
        is_step_over_ = budget_.is_step_over();
    }
    // As of the last look.
    [[nodiscard]] bool is_step_over() const noexcept { return is_step_over_; }

private:
    const search_budget& budget_;
    std::size_t line_work_ = 0;
    std::size_t since_look_ = 0;
    bool is_step_over_ = false;
};

}  // namespace distd::logs
