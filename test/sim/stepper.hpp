// Does the work of store threads when the test lets it be done, in an order that a seed draws, on the test's
// own thread. One loop, one thread: a history is what its seed says.
#pragma once

#include <functional>
#include <vector>

#include "sim/chance.hpp"
#include "store/worker_thread.hpp"

namespace distd::sim::stores {

class stepper final : public worker_steps {
public:
    explicit stepper(std::uint64_t seed) : chance_(seed), before_(set_worker_steps(this)) {}
    ~stepper() override { set_worker_steps(before_); }
    stepper(const stepper&) = delete;
    stepper& operator=(const stepper&) = delete;

    void ask_for(std::function<void()> step) override { asked_.push_back(std::move(step)); }
    bool step();  // one of those that were asked for; false: there is none

private:
    chance chance_;
    worker_steps* before_;
    std::vector<std::function<void()>> asked_;
};

}  // namespace distd::sim::stores
