// Holds the thread that comes to it until the test lets it go. To be opened before anything is required.
#pragma once

#include <distd/result.hpp>
#include <latch>

namespace distd::test {

class thread_gate {
public:
    result<> hold() {
        held_.count_down();
        open_.wait();
        return {};
    }
    void wait_until_held() const { held_.wait(); }
    void open() { open_.count_down(); }

private:
    std::latch held_{1};
    std::latch open_{1};
};

}  // namespace distd::test
