// A parallel for-loop over the calling thread and one extra thread, when that is free.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace distd {

class parallel_helper {
public:
    explicit parallel_helper(const std::string& name);
    ~parallel_helper();
    parallel_helper(const parallel_helper&) = delete;
    parallel_helper& operator=(const parallel_helper&) = delete;

    // Calls piece(i) once for each i below `count`, on both threads at once; returns when all are done.
    // `piece` does not throw. Any thread.
    void share(std::size_t count, const std::function<void(std::size_t)>& piece);

private:
    struct work {
        work(std::size_t n, const std::function<void(std::size_t)>& f) : count(n), piece(f) {}
        void do_some();

        const std::size_t count;
        const std::function<void(std::size_t)>& piece;
        std::atomic<std::size_t> next = 0;
        bool is_helped = false;  // the extra thread is working on it
    };

    void serve();

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    work* offered_ = nullptr;
    bool stopping_ = false;
    const bool is_helping_;  // false where steps take the place of threads: the caller does all the work
    std::thread thread_;
};

}  // namespace distd
