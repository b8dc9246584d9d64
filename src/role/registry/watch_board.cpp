#include "role/registry/watch_board.hpp"

#include <utility>

namespace distd::registry {

watch_board::watch_board(executor loop, time_source& time) : loop_(loop), time_(time) {}

task<bool> watch_board::wait(std::string topic, steady_point deadline) {
    alarm_clock bell(loop_, time_);
    struct parking {
        places& all;
        places::iterator place;
        ~parking() { all.erase(place); }
    } mine{parked_, parked_.emplace(std::move(topic), &bell)};
    co_return !co_await bell.wait_until(deadline);
}

void watch_board::touch(std::string_view topic) noexcept {
    const auto [first, last] = parked_.equal_range(topic);
    for (auto waiting = first; waiting != last; ++waiting) waiting->second->wake();
}

}  // namespace distd::registry
