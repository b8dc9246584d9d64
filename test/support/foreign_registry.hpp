// A registry of another make: one list in memory that it appends to without looking, no list to ask for,
// everything forgotten at its end. It sends patches as the small programs do, the newcomer's before its
// answer, and probes each entry's heartbeat.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/foreign_http.hpp"

namespace distd::test {

class foreign_registry {
public:
    struct entry {
        std::string name;
        std::string url;
        std::vector<std::string> required;
        std::string update_url;
        std::string heartbeat_url;
    };

    explicit foreign_registry(int heartbeat_ms, int retry_ms = 30);
    ~foreign_registry() { stop(); }
    foreign_registry(const foreign_registry&) = delete;
    foreign_registry& operator=(const foreign_registry&) = delete;

    void start(std::uint16_t port = 0);  // with an empty list; the port of the first time is kept
    void stop();                         // like a process that is killed
    void drop_connections() { server_.drop_connections(); }  // and goes on
    // Right after it has answered the next registration, before any heartbeat of its own interval, it forgets
    // everything and ends all connections, like a process that is replaced faster than anybody can look.
    void restart_after_next_registration() { restarts_next_ = true; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

    [[nodiscard]] int times_listed(const std::string& name) const;
    [[nodiscard]] int posts() const;          // registrations ever taken, over all its lives
    [[nodiscard]] int probes_passed() const;  // heartbeats answered 200 in this life

private:
    [[nodiscard]] foreign_answer answer(const foreign_request& q);
    [[nodiscard]] foreign_answer enroll(const std::string& body);
    [[nodiscard]] foreign_answer remove(const std::string& url);
    void append(const entry& e);
    void forget_everything();
    bool take_off(const std::string& url);
    [[nodiscard]] bool send_what_it_requires(const entry& e);
    void tell_others(const std::string& list, const entry& e);
    void beat();
    void probe(const entry& e);

    const int heartbeat_ms_;
    const int retry_ms_;
    std::atomic<bool> restarts_next_ = false;
    mutable std::mutex mutex_;
    std::vector<entry> listed_;
    int posts_ = 0;
    int probes_passed_ = 0;
    std::list<std::thread> threads_;
    std::unique_ptr<foreign_caller> caller_;
    foreign_server server_;
    std::thread beats_;
};

}  // namespace distd::test
