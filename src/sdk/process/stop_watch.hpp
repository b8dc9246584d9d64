// Hears the signals that stop a process on a thread of its own, since the loop may be the one that waits for
// a disk: then nobody there hears anything. From the first signal on a `stop_limit` bounds the stop; the
// second one ends the process at once, with 128 + its number.
//
// Whoever else waits for these signals is told of them as well: the loop, which makes the stop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <optional>
#include <thread>

#include "sdk/process/stop_limit.hpp"

namespace distd {

class stop_watch {
public:
    // From now on. Until its end the calling thread takes none of the signals itself: the system would hand
    // them to it first, and a thread that waits for a disk cannot even be interrupted by one.
    stop_watch(milliseconds patience, stop_limit::end_process);
    ~stop_watch();  // on the thread that made it
    stop_watch(const stop_watch&) = delete;
    stop_watch& operator=(const stop_watch&) = delete;

    // A stop begins without a signal. Any thread; counts as the first one.
    void begin();

private:
    void listen();
    void start_limit();

    const milliseconds patience_;
    const stop_limit::end_process end_process_;
    boost::asio::io_context loop_{1};
    boost::asio::basic_signal_set<executor> signals_;
    std::optional<stop_limit> limit_;  // of the thread, while it runs
    bool is_over_ = false;             // likewise
    sigset_t taken_before_{};
    std::thread thread_;
};

}  // namespace distd
