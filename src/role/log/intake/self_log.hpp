// The log service's own records on their way into its own journal: what other services ship, and stored like
// that. Bounded: when the store falls behind, new
// ones are dropped and counted, and the count becomes a line of its own. A failure is not logged from here:
// that would loop.
#pragma once

#include <distd/metrics.hpp>
#include <distd/service.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <string>
#include <string_view>

#include "role/log/intake/record.hpp"
#include "role/log/storage/log_store.hpp"

namespace distd::logs {

class self_log {
public:
    self_log(service&, log_store&);

    void push(std::string_view record);  // as base/logging/shipped_record.hpp makes it
    [[nodiscard]] task<> run();          // until cancelled
    [[nodiscard]] task<> flush();        // what has gathered so far; for the end

private:
    [[nodiscard]] task<bool> store_gathered();
    void add(std::string_view record);
    void report_missing();

    service& service_;
    log_store& store_;
    counter& dropped_;
    alarm_clock bell_;
    const std::string from_here_;
    record_reader reader_;
    std::string gathered_;
    std::uint64_t count_ = 0;
    std::uint64_t missing_ = 0;  // dropped since the last line that said so
};

}  // namespace distd::logs
