// Starts a thread that takes no signals (they belong to the loop) and carries a name that the system shows.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace distd {

[[nodiscard]] std::thread start_worker(const std::string& name, std::function<void()> body);

}  // namespace distd
