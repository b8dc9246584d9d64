#include "role/log/storage/upkeep_worker.hpp"

#include <utility>

namespace distd::logs {
namespace {

constexpr int niceness = 10;
constexpr std::int64_t pause_after_failure_ns = 1'000'000'000;  // a full disk is not filled by trying harder

bool has_news(const upkeep_report& r) {
    return r.sealed + r.merged + r.dropped_files > 0 || !r.damaged.empty() || !r.failure.empty();
}

}  // namespace

upkeep_worker::upkeep_worker(compactor& compactor, executor loop)
    : compactor_(compactor), thread_("log-upkeep", 1, loop, {.niceness = niceness}) {}

upkeep_worker::~upkeep_worker() { stopping_ = true; }

void upkeep_worker::call(std::int64_t now_ns) {
    if (is_running_) {
        called_ns_ = now_ns;
        return;
    }
    if (failed_ns_ && now_ns >= *failed_ns_ && now_ns - *failed_ns_ < pause_after_failure_ns) return;
    is_running_ = true;
    auto job = [this, now_ns]() -> result<upkeep_report> {
        return compactor_.work(now_ns, [this] { return stopping_.load(); });
    };
    auto on_done = [this, now_ns](const result<upkeep_report>& done) { finish(now_ns, done); };
    thread_.run(std::move(job), turn::soon, std::move(on_done));
}

void upkeep_worker::finish(std::int64_t begun_ns, const result<upkeep_report>& done) {
    is_running_ = false;
    upkeep_report report;
    if (done)
        report = *done;
    else
        report.failure = done.error().message();
    failed_ns_ = report.failure.empty() ? std::nullopt : std::optional(begun_ns);
    if (has_news(report) && on_report_) on_report_(report);
    if (const auto again = std::exchange(called_ns_, std::nullopt)) call(*again);
}

}  // namespace distd::logs
