// Readers that are parked until something of theirs changes, by topic. A topic is a name that its writer and
// its readers agree on ("config/app/url"); it is there as long as somebody waits for it.
//
//     while (index_of(topic) == seen)
//         if (!co_await board.wait(topic, deadline)) break;
//
// Look at the state before each wait, as above: what changes between two waits is touched for nobody. The
// board outlives those who wait.
#pragma once

#include <distd/task.hpp>
#include <distd/time.hpp>
#include <map>
#include <string>
#include <string_view>

namespace distd::registry {

class watch_board {
public:
    watch_board(executor, time_source&);
    watch_board(const watch_board&) = delete;
    watch_board& operator=(const watch_board&) = delete;

    // True once the topic was touched, false when `deadline` came first. Throws operation_aborted when the
    // waiting coroutine is cancelled; nothing of it stays on the board.
    [[nodiscard]] task<bool> wait(std::string topic, steady_point deadline);

    // Wakes everyone who waits for this topic now. They go on when the caller next waits.
    void touch(std::string_view topic) noexcept;

    [[nodiscard]] std::size_t parked() const noexcept { return parked_.size(); }
    [[nodiscard]] time_source& time() const noexcept { return time_; }

private:
    using places = std::multimap<std::string, alarm_clock*, std::less<>>;

    executor loop_;
    time_source& time_;
    places parked_;  // the alarms live in the frames of those who wait
};

}  // namespace distd::registry
