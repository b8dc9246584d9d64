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

tail_steps::tail_steps(log_store& store, executor loop, time_source& time)
    : store_(store), loop_(loop), time_(time), bell_(loop, time) {}

task<result<found_lines>> tail_steps::step(std::shared_ptr<search> s) {
    const auto own = std::make_shared<waiting>(loop_, time_, std::move(s));
    give_up_on_exit<search> on_cancel(own->tail);
    waiting_.push_back(own);
    bell_.wake();
    co_await own->done.wait();
    on_cancel.dismiss();
    co_return std::move(own->found);
}

task<> tail_steps::run() {
    for (;;) {
        co_await bell_.wait();
        while (!waiting_.empty()) co_await make_some();
    }
}

task<> tail_steps::make_some() {
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), steps_at_once));
    std::vector<std::shared_ptr<waiting>> some(waiting_.begin(), waiting_.begin() + count);
    // One whose reader has gone ends at once.
    auto job = [some]() -> result<std::vector<found_lines>> {
        std::vector<found_lines> found;
        for (const auto& one : some) found.push_back(one->tail->step());
        return found;
    };
    auto found = co_await store_.run_off_loop(std::move(job), turn::later);
    if (!found) co_return co_await sleep_for(time_, pause_when_refused);
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    for (std::size_t i = 0; i < some.size(); ++i) {
        some[i]->found = std::move((*found)[i]);
        some[i]->done.wake();
    }
}

}  // namespace distd::logs
