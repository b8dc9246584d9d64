#include "role/log/search/tail_steps.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace distd::logs {
namespace {

// Of tails at the end each takes some microseconds.
constexpr std::size_t steps_at_once = 32;

// The pool's queue is full.
constexpr milliseconds pause_when_refused{100};

}  // namespace

tail_steps::tail_steps(log_store& store, executor loop, time_source& time, turn of_its_jobs)
    : store_(store), time_(time), turn_(of_its_jobs), bell_(loop, time) {}

task<result<found_lines>> tail_steps::step(std::shared_ptr<search> s) {
    give_up_on_exit<search> on_cancel(s);
    auto enqueue = [this, s](completion<result<found_lines>> on_done) {
        waiting_.push_back({s, std::move(on_done)});
        bell_.wake();
    };
    auto found = co_await initiate<result<found_lines>>(use_task, std::move(enqueue));
    on_cancel.dismiss();
    co_return found;
}

task<> tail_steps::run() {
    for (;;) {
        co_await bell_.wait();
        while (!waiting_.empty()) co_await make_some();
    }
}

task<> tail_steps::make_some() {
    const auto count = std::min(waiting_.size(), steps_at_once);
    std::vector<std::shared_ptr<search>> tails;
    for (std::size_t i = 0; i < count; ++i) tails.push_back(waiting_[i].tail);
    // One whose reader has gone ends at once. All together take as long as one step may, and the last of
    // them.
    auto job = [tails = std::move(tails), &time = time_]() -> result<std::vector<found_lines>> {
        std::vector<found_lines> found;
        const auto end = time.now() + max_tail_step;
        for (std::size_t i = 0; i < tails.size() && (i == 0 || time.now() < end); ++i)
            found.push_back(tails[i]->step());
        return found;
    };
    auto found = co_await store_.run_off_loop(std::move(job), turn_);
    if (!found) co_return co_await sleep_for(time_, pause_when_refused);
    for (auto& lines : *found) {
        waiting_.front().on_done(std::move(lines));
        waiting_.pop_front();
    }
}

}  // namespace distd::logs
