// Runs a coroutine test on its own loop, with a guard of real time against a test that hangs. Failures of
// REQUIRE and exceptions reach Catch.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <distd/task.hpp>
#include <exception>
#include <functional>
#include <stdexcept>

namespace distd::test {

class loop_runner {
public:
    // Returns when the coroutine has ended; what else lives on the loop stays there, unrun.
    void run(std::function<task<>()> body, std::chrono::seconds guard = std::chrono::seconds(20)) {
        loop.restart();
        bool done = false;
        std::exception_ptr failure;
        boost::asio::co_spawn(loop.get_executor(), body(), [&](std::exception_ptr e) {
            failure = e;
            done = true;
        });
        const auto limit = std::chrono::steady_clock::now() + guard;
        while (!done) {
            if (loop.run_one_until(limit) == 0 && !done)
                throw std::runtime_error("the test hangs: nothing left to run, or its guard ran out");
        }
        if (failure) std::rethrow_exception(failure);
    }

    boost::asio::io_context loop{1};
};

}  // namespace distd::test
