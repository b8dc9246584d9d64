// A disk that takes no more: a limit on the size of files stands for it, which every file that is to grow
// beyond it meets, for as long as this lives or until there is room again. Checked where it is set up.
#pragma once

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>

namespace distd::test {

class full_disk {
public:
    explicit full_disk(rlim_t max_bytes = 4096) {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &usual_) == 0);
        const rlimit tight{max_bytes, usual_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    }
    ~full_disk() {
        ::setrlimit(RLIMIT_FSIZE, &usual_);
        std::signal(SIGXFSZ, on_signal_);
    }
    full_disk(const full_disk&) = delete;
    full_disk& operator=(const full_disk&) = delete;

    void has_room_again() { REQUIRE(::setrlimit(RLIMIT_FSIZE, &usual_) == 0); }

private:
    rlimit usual_{};
    // The write fails, as it does on a full disk; the signal that would end the process does not exist there.
    void (*on_signal_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

}  // namespace distd::test
