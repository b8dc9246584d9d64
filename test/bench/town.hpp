// Very many services of the least kind in one thread: each has an address of its own on the loopback network,
// so a caller can share no connection between two of them, and answers every request with 200. The thread
// does nothing else: what is measured is the caller.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace bench {

class town {
public:
    using clock = std::chrono::steady_clock;

    explicit town(std::size_t members);
    ~town();
    town(const town&) = delete;
    town& operator=(const town&) = delete;

    [[nodiscard]] std::string url(std::size_t member) const;  // http://127.A.B.C:PORT
    [[nodiscard]] std::uint64_t answered() const noexcept { return answered_; }

    // From now on, until every member has heard it: a POST with these words in it.
    void expect(std::string words);
    // When the last one heard it. Throws when that is not before `limit`.
    [[nodiscard]] clock::time_point wait_for_all(clock::time_point limit);

private:
    struct caller {
        std::size_t member = 0;
        std::string unread;
    };

    void serve();
    void take_callers();
    void read_from(int fd);
    [[nodiscard]] std::size_t answer(const caller& from, std::string_view text);  // requests in it
    void hear(std::size_t member, std::string_view request);

    int listener_ = -1;
    int poller_ = -1;
    int stopper_ = -1;
    unsigned port_ = 0;
    std::unordered_map<int, caller> callers_;
    std::string answers_;
    std::vector<char> input_ = std::vector<char>(64 << 10);
    std::atomic<std::uint64_t> answered_{0};

    std::mutex mutex_;
    std::condition_variable everyone_heard_;
    std::string words_;
    std::vector<bool> heard_;
    std::size_t missing_ = 0;
    clock::time_point last_;

    std::thread thread_;
};

}  // namespace bench
