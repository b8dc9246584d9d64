// The log service's own lines on their way into its own journal. Bounded: when the store falls behind, new
// ones are dropped and counted, and the count becomes a line of its own. A failure is not logged from here:
// that would loop.
#pragma once

#include <distd/logger.hpp>
#include <distd/metrics.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <string>
#include <string_view>

#include "role/log/storage/log_store.hpp"

namespace distd::logs {

class self_log {
public:
    self_log(std::string service, log_store&, executor, time_source&, metrics&);

    void push(log_level, std::string_view text);
    [[nodiscard]] task<> run();    // until cancelled
    [[nodiscard]] task<> flush();  // what has gathered so far; for the end

private:
    [[nodiscard]] task<bool> store_gathered();
    void add(log_level, std::string_view text);

    const std::string service_;
    log_store& store_;
    time_source& time_;
    counter& dropped_;
    alarm_clock bell_;
    const std::string from_here_;
    std::string gathered_;
    std::uint64_t count_ = 0;
    std::uint64_t missing_ = 0;  // dropped since the last line that said so
};

}  // namespace distd::logs
