// Runs the compactor on a thread of low priority, whenever it is called, and reports to the loop. Used on the
// loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <distd/task.hpp>
#include <functional>
#include <optional>

#include "role/log/storage/compactor.hpp"
#include "store/blocking_pool.hpp"

namespace distd::logs {

class upkeep_worker {
public:
    using report_handler = std::function<void(const upkeep_report&)>;

    // The compactor outlives the worker.
    upkeep_worker(compactor&, executor loop);
    ~upkeep_worker();  // waits for the step that is under way: some tenths of a second
    upkeep_worker(const upkeep_worker&) = delete;
    upkeep_worker& operator=(const upkeep_worker&) = delete;

    // Called after something was done, or failed.
    void on_report(report_handler h) { on_report_ = std::move(h); }

    // There may be something to do. While the compactor is running it is run once more after that.
    void call(std::int64_t now_ns);

private:
    void finish(std::int64_t begun_ns, const result<upkeep_report>&);

    compactor& compactor_;
    report_handler on_report_;
    std::atomic<bool> stopping_ = false;
    bool is_running_ = false;
    std::optional<std::int64_t> called_ns_;  // while it was running
    std::optional<std::int64_t> failed_ns_;  // the latest run, if it failed
    blocking_pool thread_;                   // last: its job uses what stands above
};

}  // namespace distd::logs
