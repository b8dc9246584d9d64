#include "store/blocking_pool.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/handler_scope.hpp"
#include "store/store_error.hpp"
#include "store/worker_thread.hpp"

namespace distd {

struct blocking_pool::impl {
    impl(executor ex, blocking_pool_options o) : loop(ex), options(o) {}

    void serve();
    void serve_one();
    void call();
    [[nodiscard]] std::optional<errc> admit(const std::shared_ptr<worker_job>&, turn);
    // With the mutex held.
    [[nodiscard]] std::size_t waiting() const { return soon.size() + later.size(); }
    [[nodiscard]] std::shared_ptr<worker_job> take();

    const executor loop;
    const blocking_pool_options options;
    // Touched on the loop only. Shared with jobs on their way to the loop, which may outlive the pool.
    struct callbacks {
        trouble_handler on_trouble;
        bool is_pool_gone = false;
    };
    std::shared_ptr<callbacks> shared = std::make_shared<callbacks>();

    std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    std::deque<std::shared_ptr<worker_job>> soon;
    std::deque<std::shared_ptr<worker_job>> later;
    bool took_soon = false;  // the last time
    bool stopping = false;

    worker_steps* const steps = current_worker_steps();
    std::shared_ptr<bool> alive = std::make_shared<bool>();  // for steps on their way
    std::vector<std::thread> threads;                        // without steps
};

std::shared_ptr<worker_job> blocking_pool::impl::take() {
    took_soon = later.empty() || (!soon.empty() && !took_soon);
    auto& queue = took_soon ? soon : later;
    auto job = std::move(queue.front());
    queue.pop_front();
    return job;
}

void blocking_pool::impl::serve() {
    // Linux has a niceness per thread; without it the work is done all the same.
    if (options.niceness != 0)
        static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), options.niceness));
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
    std::shared_ptr<worker_job> job;
    {
        std::lock_guard lock(mutex);
        if (waiting() == 0) return;
        job = take();
    }
    std::optional<store_error> failure;
    try {
        if (job->is_wanted())
            job->run();
        else
            job->fail(errc::stopped);  // to nobody, but a job that completes has an outcome
    } catch (const store_error& e) {
        failure = e;
    } catch (const std::exception& e) {
        failure.emplace(errc::storage_failed, e.what());
    }
    if (failure) job->fail(failure->code());
    // The job is destroyed where it was made.
    auto complete = [done = std::move(job), failed = std::move(failure), shared = shared] {
        const handler_scope scope("what follows work on a thread");
        if (shared->is_pool_gone) return;
        if (failed && shared->on_trouble) shared->on_trouble(failed->code(), failed->what());
        done->complete();
    };
    boost::asio::post(loop, std::move(complete));
}

void blocking_pool::impl::call() {
    if (!steps) return changed.notify_one();
    steps->ask_for([this, here = std::weak_ptr(alive)] {
        if (!here.expired()) serve_one();
    });
}

blocking_pool::blocking_pool(std::string thread_name, std::size_t threads, executor loop,
                             blocking_pool_options options)
    : impl_(std::make_unique<impl>(loop, options)) {
    for (std::size_t i = 0; i < threads && !impl_->steps; ++i)
        impl_->threads.push_back(start_worker(thread_name, [state = impl_.get()] { state->serve(); }));
}

blocking_pool::~blocking_pool() {
    stop();
    impl_->shared->is_pool_gone = true;  // and with it, as a rule, what the callbacks refer to
}

void blocking_pool::on_trouble(trouble_handler handler) { impl_->shared->on_trouble = std::move(handler); }

// Nothing, or why the job is refused.
std::optional<errc> blocking_pool::impl::admit(const std::shared_ptr<worker_job>& job, turn when) {
    std::lock_guard lock(mutex);
    if (stopping) return errc::stopped;
    if (waiting() >= options.waiting_limit) return errc::overloaded;
    (when == turn::soon ? soon : later).push_back(job);
    return std::nullopt;
}

void blocking_pool::enqueue(std::shared_ptr<worker_job> job, turn when) {
    const auto refused = impl_->admit(job, when);
    if (!refused) return impl_->call();
    job->fail(*refused);
    job->complete();
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
