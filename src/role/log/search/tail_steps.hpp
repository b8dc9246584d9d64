// The steps of live tails, batched into one job of the reading pool at a time: however many tails there are,
// and however often they are woken, searches and large bodies find the rest of the pool free. Used on the
// loop.
#pragma once

#include <deque>
#include <memory>

#include "base/completion.hpp"
#include "role/log/search/search.hpp"
#include "role/log/storage/log_store.hpp"

namespace distd::logs {

class tail_steps {
public:
    tail_steps(log_store&, executor, time_source&, turn of_its_jobs);

    // The next step of that tail, in turn.
    [[nodiscard]] task<result<found_lines>> step(std::shared_ptr<search>);
    [[nodiscard]] task<> run();  // until cancelled

private:
    struct waiting {
        std::shared_ptr<search> tail;
        completion<result<found_lines>> on_done;
    };
    [[nodiscard]] task<> make_some();

    log_store& store_;
    time_source& time_;
    const turn turn_;
    alarm_clock bell_;
    std::deque<waiting> waiting_;
};

}  // namespace distd::logs
