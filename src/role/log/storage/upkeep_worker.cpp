#include "role/log/storage/upkeep_worker.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <atomic>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "store/worker_thread.hpp"

namespace distd::logs {
namespace {

constexpr int niceness = 10;
constexpr std::int64_t pause_after_failure_ns = 1'000'000'000;  // a full disk is not filled by trying harder

bool has_news(const upkeep_report& r) {
    return r.sealed + r.merged + r.dropped_files > 0 || !r.damaged.empty() || !r.failure.empty();
}

}  // namespace

struct upkeep_worker::impl {
    impl(compactor& k, executor ex) : compactor(k), loop(ex) {}

    void serve();
    void serve_one();
    void call();

    compactor& compactor;
    const executor loop;
    // Touched on the loop only. Shared with reports on their way, which may outlive the worker.
    std::shared_ptr<report_handler> handler = std::make_shared<report_handler>();
    std::atomic<bool> stopping = false;

    std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    bool called = false;
    std::int64_t now_ns = 0;

    std::optional<std::int64_t> failed_ns;  // touched by the worker only

    worker_steps* const steps = current_worker_steps();
    std::shared_ptr<bool> alive = std::make_shared<bool>();  // for steps on their way
    std::thread thread;                                      // without steps
};

void upkeep_worker::impl::serve() {
    // Linux has a niceness per thread; without it the work is done all the same.
    static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness));
    for (;;) {
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return stopping || called; });
            if (stopping) return;
        }
        serve_one();
    }
}

void upkeep_worker::impl::serve_one() {
    std::int64_t now = 0;
    {
        std::lock_guard lock(mutex);
        if (!std::exchange(called, false)) return;
        now = now_ns;
    }
    if (failed_ns && now >= *failed_ns && now - *failed_ns < pause_after_failure_ns) return;
    auto report = compactor.work(now, [this] { return stopping.load(); });
    failed_ns = report.failure.empty() ? std::nullopt : std::optional(now);
    if (!has_news(report)) return;
    boost::asio::post(loop, [report = std::move(report), told = handler] {
        if (*told) (*told)(report);
    });
}

void upkeep_worker::impl::call() {
    if (!steps) return changed.notify_one();
    steps->ask_for([this, here = std::weak_ptr(alive)] {
        if (!here.expired()) serve_one();
    });
}

upkeep_worker::upkeep_worker(compactor& compactor, executor loop)
    : impl_(std::make_unique<impl>(compactor, loop)) {
    if (!impl_->steps) impl_->thread = start_worker("log-upkeep", [state = impl_.get()] { state->serve(); });
}

upkeep_worker::~upkeep_worker() {
    {
        std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->changed.notify_one();
    if (impl_->thread.joinable()) impl_->thread.join();
    *impl_->handler = nullptr;
}

void upkeep_worker::on_report(report_handler h) { *impl_->handler = std::move(h); }

void upkeep_worker::call(std::int64_t now_ns) {
    {
        std::lock_guard lock(impl_->mutex);
        impl_->called = true;
        impl_->now_ns = now_ns;
    }
    impl_->call();
}

}  // namespace distd::logs
