// Handlers that never end by themselves, and say when somebody ended them.
#pragma once

#include <distd/http.hpp>
#include <distd/time.hpp>

namespace distd::test {

// Sets its flag when the coroutine that it stands in goes.
struct end_marker {
    explicit end_marker(bool* flag) : ended(flag) {}
    ~end_marker() { *ended = true; }
    end_marker(const end_marker&) = delete;
    end_marker& operator=(const end_marker&) = delete;

    bool* ended;
};

inline task<http::response> wait_for_ever(bool* ended, executor ex, time_source* time) {
    const end_marker marker(ended);
    alarm_clock bell(ex, *time);
    co_await bell.wait();
    co_return http::response(200);
}

inline task<> tick_for_ever(http::body_writer out, bool* ended, executor ex, time_source* time) {
    const end_marker marker(ended);
    alarm_clock bell(ex, *time);
    for (;;) {
        if (auto sent = co_await out.event("tick"); !sent) co_return;
        co_await bell.wait_for(seconds(5));
    }
}

}  // namespace distd::test
