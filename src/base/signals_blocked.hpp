// While one lives, the calling thread takes no signals, and a thread that it starts never will: signals
// belong to the loop's thread. A broken pipe then is a failed write and not the end of the process.
#pragma once

#include <csignal>

namespace distd {

class signals_blocked {
public:
    signals_blocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace distd
