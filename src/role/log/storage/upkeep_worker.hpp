// The thread of the log's upkeep, of low priority: it works when it is called, and reports to the loop.
#pragma once

#include <cstdint>
#include <distd/task.hpp>
#include <functional>
#include <memory>

#include "role/log/storage/compactor.hpp"

namespace distd::logs {

class upkeep_worker {
public:
    using report_handler = std::function<void(const upkeep_report&)>;

    // Both outlive the worker.
    upkeep_worker(compactor&, executor loop);
    ~upkeep_worker();  // waits for the step that is under way: some tenths of a second
    upkeep_worker(const upkeep_worker&) = delete;
    upkeep_worker& operator=(const upkeep_worker&) = delete;

    // Told on the loop after something was done, or failed.
    void on_report(report_handler);

    // There may be something to do. On the loop.
    void call(std::int64_t now_ns);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd::logs
