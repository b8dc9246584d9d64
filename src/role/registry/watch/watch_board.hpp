// Readers that are parked until something of theirs changes, by topic. A topic is a name that its writer and
// its readers agree on ("config/app/url"); it is there as long as somebody waits for it.
//
// A coroutine that waits, as one behind a stream, looks at the state before each wait: what changes between
// two waits is touched for nobody.
//
//     while (index_of(topic) == seen)
//         if (!co_await board.wait(topic, deadline)) break;
//
// A plain read is parked without one and costs some hundred bytes. The board outlives those who wait.
#pragma once

#include <distd/http.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <map>
#include <set>
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

    // Until `has_news`, which is asked after each touch, or the deadline. Then `answer` handles the request.
    struct parked_read {
        std::function<bool()> has_news;
        http::handler answer;
    };
    void park(std::string topic, steady_point deadline, parked_read, http::pending_answer);
    [[nodiscard]] task<> run();  // answers those; until cancelled

    // Wakes everyone who waits for this topic now. They go on when the caller next waits.
    void touch(std::string_view topic);

    [[nodiscard]] std::size_t parked() const noexcept { return alarms_.size() + readers_.size(); }
    [[nodiscard]] time_source& time() const noexcept { return time_; }

private:
    struct reader;
    using reader_map = std::multimap<std::string, reader, std::less<>>;
    using deadline_map = std::multimap<steady_point, reader_map::iterator>;
    struct reader {
        parked_read read;
        http::pending_answer answer;
        deadline_map::iterator deadline;
    };

    void answer_touched();
    void answer_late();
    void answer(reader_map::iterator);

    executor loop_;
    time_source& time_;
    std::multimap<std::string, alarm_clock*, std::less<>> alarms_;  // in the frames of those who wait
    reader_map readers_;
    deadline_map deadlines_;
    std::set<std::string, std::less<>> touched_;  // topics of readers
    alarm_clock bell_;
};

}  // namespace distd::registry
