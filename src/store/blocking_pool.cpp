#include "store/blocking_pool.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <array>
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
    void run(std::shared_ptr<worker_job>);
    void call();
    [[nodiscard]] std::optional<errc> admit(const std::shared_ptr<worker_job>&, turn);
    // With the mutex held.
    using job_queue = std::deque<std::shared_ptr<worker_job>>;
    [[nodiscard]] job_queue& queue_of(turn t) { return queues[static_cast<std::size_t>(t)]; }
    [[nodiscard]] bool is_any_waiting() const {
        return std::ranges::any_of(queues, [](const auto& q) { return !q.empty(); });
    }
    [[nodiscard]] std::optional<turn> next_turn();  // whose job may be begun; nothing: none

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
    std::array<job_queue, 3> queues;  // by turn
    turn last = turn::one_at_a_time;  // that was begun
    bool runs_the_one = false;        // of one_at_a_time
    bool stopping = false;

    worker_steps* const steps = current_worker_steps();
    std::shared_ptr<bool> alive = std::make_shared<bool>();  // for steps on their way
    std::vector<std::thread> threads;                        // without steps
};

std::optional<turn> blocking_pool::impl::next_turn() {
    for (std::size_t i = 1; i <= queues.size(); ++i) {
        const auto t = static_cast<turn>((static_cast<std::size_t>(last) + i) % queues.size());
        if (!queue_of(t).empty() && !(t == turn::one_at_a_time && runs_the_one)) return t;
    }
    return std::nullopt;
}

void blocking_pool::impl::serve() {
    // Linux has a niceness per thread; without it the work is done all the same.
    if (options.niceness != 0)
        static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), options.niceness));
    for (;;) {
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return next_turn() || (stopping && !is_any_waiting()); });
            if (!next_turn()) return;
        }
        serve_one();
    }
}

void blocking_pool::impl::serve_one() {
    std::shared_ptr<worker_job> job;
    turn of = turn::soon;
    {
        std::lock_guard lock(mutex);
        const auto next = next_turn();
        if (!next) return;
        of = last = *next;
        if (of == turn::one_at_a_time) runs_the_one = true;
        job = std::move(queue_of(of).front());
        queue_of(of).pop_front();
    }
    run(std::move(job));
    if (of != turn::one_at_a_time) return;
    {
        std::lock_guard lock(mutex);
        runs_the_one = false;
    }
    changed.notify_all();
}

void blocking_pool::impl::run(std::shared_ptr<worker_job> job) {
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
    if (queue_of(when).size() >= options.waiting_limit) return errc::overloaded;
    queue_of(when).push_back(job);
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
    while (impl_->steps && impl_->is_any_waiting()) impl_->serve_one();
    impl_->changed.notify_all();
    for (auto& t : impl_->threads)
        if (t.joinable()) t.join();
}

}  // namespace distd
