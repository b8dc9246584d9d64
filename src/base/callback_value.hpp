// What a callback brings, for a coroutine that waits for it. Lives in the frame of that coroutine, which sees
// to it that the callback is not called any more once the frame is gone.
#pragma once

#include <distd/time.hpp>
#include <optional>
#include <utility>

namespace distd {

template <class T>
class callback_value {
public:
    callback_value(executor loop, time_source& time) : bell_(loop, time) {}

    void set(T value) {
        value_.emplace(std::move(value));
        bell_.wake();
    }
    // Throws operation_aborted when the waiting coroutine is cancelled.
    [[nodiscard]] task<T> wait() {
        while (!value_) co_await bell_.wait();
        co_return std::move(*value_);
    }

private:
    std::optional<T> value_;
    alarm_clock bell_;
};

}  // namespace distd
