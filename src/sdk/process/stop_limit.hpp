// Ends a stop that a disk holds up. A thread that waits for a disk cannot be cancelled, and whoever joins it
// waits, too: the loop's own thread, in the end. So a thread of its own looks at what is waited for, once the
// stop has had its time, and calls `end_process` when the same wait is still there at the next look, half a
// second later. A stop that waits for nothing of that kind is left alone.
#pragma once

#include <condition_variable>
#include <distd/time.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace distd {

class stop_limit {
public:
    // Called at most once, on the thread of this. `file`: for which a disk is waited.
    using end_process = std::function<void(const std::string& file)>;

    stop_limit(milliseconds patience, end_process);
    ~stop_limit();  // the stop has ended by itself
    stop_limit(const stop_limit&) = delete;
    stop_limit& operator=(const stop_limit&) = delete;

private:
    void watch(milliseconds patience);
    [[nodiscard]] bool is_over_after(milliseconds span);

    const end_process end_process_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace distd
