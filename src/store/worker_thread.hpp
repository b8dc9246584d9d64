// Starts a thread that takes no signals (they belong to the loop) and has a name that the system shows. Not
// to be called in a simulation, where worker_steps take the place of threads.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "base/worker_steps.hpp"

namespace distd {

[[nodiscard]] std::thread start_worker(const std::string& name, std::function<void()> body);

}  // namespace distd
