#include "store/blocking_pool.hpp"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "base/handler_scope.hpp"
#include "store/store_error.hpp"
#include "store/worker_thread.hpp"

namespace distd {

struct blocking_pool::impl {
    impl(executor ex, std::size_t limit) : loop(ex), waiting_limit(limit) {}

    void serve();
    void serve_one();
    void call();
    // With the mutex held.
    [[nodiscard]] std::size_t waiting() const { return soon.size() + later.size(); }
    [[nodiscard]] std::shared_ptr<handed_job> take();

    const executor loop;
    const std::size_t waiting_limit;
    // Touched on the loop only. Shared with the jobs on their way home, which may outlive the pool.
    std::shared_ptr<trouble_handler> trouble = std::make_shared<trouble_handler>();

    std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    std::deque<std::shared_ptr<handed_job>> soon;
    std::deque<std::shared_ptr<handed_job>> later;
    bool took_soon = false;  // the last time
    bool stopping = false;

    worker_steps* const steps = current_worker_steps();
    std::shared_ptr<bool> alive = std::make_shared<bool>();  // for steps on their way
    std::vector<std::thread> threads;                        // without steps
};

std::shared_ptr<handed_job> blocking_pool::impl::take() {
    took_soon = later.empty() || (!soon.empty() && !took_soon);
    auto& queue = took_soon ? soon : later;
    auto job = std::move(queue.front());
    queue.pop_front();
    return job;
}

void blocking_pool::impl::serve() {
    for (;;) {
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return stopping || waiting() > 0; });
            if (waiting() == 0) return;
        }
        serve_one();
    }
}

void blocking_pool::impl::serve_one() {
    std::shared_ptr<handed_job> job;
    {
        std::lock_guard lock(mutex);
        if (waiting() == 0) return;
        job = take();
    }
    std::optional<store_error> failure;
    try {
        if (job->is_wanted) job->run();
    } catch (const store_error& e) {
        failure = e;
    } catch (const std::exception& e) {
        failure.emplace(errc::storage_failed, e.what());
    }
    if (failure) job->fail(failure->code());
    // The job travels home, and dies there.
    auto deliver = [done = std::move(job), failed = std::move(failure), told = trouble] {
        const handler_scope scope("what follows work on a thread");
        if (failed && *told) (*told)(failed->code(), failed->what());
        done->settle();
    };
    boost::asio::post(loop, std::move(deliver));
}

void blocking_pool::impl::call() {
    if (!steps) return changed.notify_one();
    steps->ask_for([this, here = std::weak_ptr(alive)] {
        if (!here.expired()) serve_one();
    });
}

blocking_pool::blocking_pool(std::string thread_name, std::size_t threads, executor loop, time_source& time,
                             std::size_t waiting_limit)
    : loop_(loop), time_(time), impl_(std::make_unique<impl>(loop, waiting_limit)) {
    for (std::size_t i = 0; i < threads && !impl_->steps; ++i)
        impl_->threads.push_back(start_worker(thread_name, [state = impl_.get()] { state->serve(); }));
}

blocking_pool::~blocking_pool() {
    stop();
    *impl_->trouble = {};
}

void blocking_pool::on_trouble(trouble_handler handler) { *impl_->trouble = std::move(handler); }

std::optional<boost::system::error_code> blocking_pool::enqueue(std::shared_ptr<handed_job> job, turn when) {
    {
        std::lock_guard lock(impl_->mutex);
        if (impl_->stopping) return make_error_code(errc::stopped);
        if (impl_->waiting() >= impl_->waiting_limit) return make_error_code(errc::overloaded);
        (when == turn::soon ? impl_->soon : impl_->later).push_back(std::move(job));
    }
    impl_->call();
    return std::nullopt;
}

void blocking_pool::stop() {
    {
        std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    while (impl_->steps && impl_->waiting() > 0) impl_->serve_one();
    impl_->changed.notify_all();
    for (auto& t : impl_->threads)
        if (t.joinable()) t.join();
}

}  // namespace distd
