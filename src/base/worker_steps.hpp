// A simulation has no threads but the loop's: there the work of store threads is done a piece at a time, each
// when its turn is drawn.
#pragma once

#include <functional>

namespace distd {

// Takes the place of all worker threads.
class worker_steps {
public:
    virtual ~worker_steps() = default;
    // Runs `step` once, later, on the thread that asks. There may be nothing left to do for it by then.
    virtual void ask_for(std::function<void()> step) = 0;
};

// For everything that is made from now on and would start a thread, which the steps outlive. Null: threads.
// Returns the one before.
worker_steps* set_worker_steps(worker_steps*) noexcept;
[[nodiscard]] worker_steps* current_worker_steps() noexcept;

}  // namespace distd
