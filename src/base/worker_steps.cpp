#include "base/worker_steps.hpp"

#include <utility>

namespace distd {
namespace {

worker_steps* steps = nullptr;

}  // namespace

worker_steps* set_worker_steps(worker_steps* s) noexcept { return std::exchange(steps, s); }
worker_steps* current_worker_steps() noexcept { return steps; }

}  // namespace distd
