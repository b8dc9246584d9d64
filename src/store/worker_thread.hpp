// Starts a thread that takes no signals (they belong to the loop) and carries a name that the system shows.
// To be started only where no steps take its place.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "base/worker_steps.hpp"

namespace distd {

[[nodiscard]] std::thread start_worker(const std::string& name, std::function<void()> body);

}  // namespace distd
