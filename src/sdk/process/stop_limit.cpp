#include "sdk/process/stop_limit.hpp"

#include <utility>

#include "base/disk_wait.hpp"
#include "base/signals_blocked.hpp"

namespace distd {
namespace {

constexpr milliseconds look_interval{500};

}  // namespace

stop_limit::stop_limit(milliseconds patience, end_process end) : end_process_(std::move(end)) {
    const signals_blocked quiet;
    thread_ = std::thread([this, patience] { watch(patience); });
}

stop_limit::~stop_limit() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool stop_limit::is_over_after(milliseconds span) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, span, [this] { return is_over_; });
}

void stop_limit::watch(milliseconds patience) {
    if (is_over_after(patience)) return;
    for (std::uint64_t seen = 0;;) {
        const auto waiting = disk_wait::oldest();
        if (waiting && waiting->id == seen) return end_process_(waiting->file);
        seen = waiting ? waiting->id : 0;
        if (is_over_after(look_interval)) return;
    }
}

}  // namespace distd
