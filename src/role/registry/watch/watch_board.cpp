#include "role/registry/watch/watch_board.hpp"

#include <utility>

#include "base/scope_exit.hpp"

namespace distd::registry {

watch_board::watch_board(executor loop, time_source& time) : loop_(loop), time_(time), bell_(loop, time) {}

task<bool> watch_board::wait(std::string topic, steady_point deadline) {
    alarm_clock bell(loop_, time_);
    const auto place = alarms_.emplace(std::move(topic), &bell);
    const scope_exit at_end([&] { alarms_.erase(place); });
    co_return !co_await bell.wait_until(deadline);
}

void watch_board::park(std::string topic, steady_point deadline, parked_read read,
                       http::pending_answer answer) {
    const auto place =
        readers_.emplace(std::move(topic), reader{std::move(read), std::move(answer), deadlines_.end()});
    place->second.deadline = deadlines_.emplace(deadline, place);
    place->second.answer.on_gone([this, place] {
        deadlines_.erase(place->second.deadline);
        readers_.erase(place);
    });
    if (place->second.deadline == deadlines_.begin()) bell_.wake();
}

void watch_board::touch(std::string_view topic) {
    const auto [first, last] = alarms_.equal_range(topic);
    for (auto waiting = first; waiting != last; ++waiting) waiting->second->wake();
    if (!readers_.contains(topic)) return;
    touched_.emplace(topic);
    bell_.wake();
}

task<> watch_board::run() {
    for (;;) {
        answer_touched();
        answer_late();
        co_await bell_.wait_until(deadlines_.empty() ? steady_point::max() : deadlines_.begin()->first);
    }
}

void watch_board::answer_touched() {
    for (const auto& topic : std::exchange(touched_, {})) {
        const auto [first, last] = readers_.equal_range(topic);
        for (auto place = first; place != last;) {
            const auto waiting = place++;
            if (waiting->second.read.has_news()) answer(waiting);
        }
    }
}

void watch_board::answer_late() {
    const auto now = time_.now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) answer(deadlines_.begin()->second);
}

void watch_board::answer(reader_map::iterator place) {
    deadlines_.erase(place->second.deadline);
    auto due = readers_.extract(place);  // first: while it is answered others may park
    due.mapped().answer.go_on(due.mapped().read.answer);
}

}  // namespace distd::registry
