// Many services of another make in one thread: each with an address of its own on this machine's loopback
// network, where it takes patches and answers heartbeats.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace distd::test {

class foreign_crowd {
public:
    explicit foreign_crowd(std::size_t members);
    ~foreign_crowd();
    foreign_crowd(const foreign_crowd&) = delete;
    foreign_crowd& operator=(const foreign_crowd&) = delete;

    // What member `i` registers with: its name is "Crowd", it requires one service.
    [[nodiscard]] std::string registration(std::size_t i, const std::string& required) const;

    // Patches, by member, that have `url` among those added; and when the last one came.
    struct tally {
        std::size_t members = 0;  // that heard of it
        std::size_t max = 0;      // times that one member heard of it
        std::chrono::steady_clock::time_point last{};
    };
    [[nodiscard]] tally heard_of(const std::string& url) const;

private:
    struct peer {
        std::size_t member = 0;
        std::string pending;
    };
    struct note {
        std::size_t member;
        std::chrono::steady_clock::time_point at;
        std::string body;
    };

    [[nodiscard]] std::string address(std::size_t i) const;
    void serve();
    void accept_one(int listener, std::size_t member);
    [[nodiscard]] bool read_some(int fd, peer& p);  // false: closed
    void answer_whole_requests(int fd, peer& p);

    std::vector<int> listeners_;
    std::vector<unsigned> ports_;
    std::map<int, peer> peers_;
    int poller_ = -1;
    int stopper_ = -1;
    mutable std::mutex mutex_;
    std::vector<note> notes_;
    std::thread thread_;
};

}  // namespace distd::test
