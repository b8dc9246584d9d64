#include "store/commit_queue.hpp"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/handler_scope.hpp"
#include "base/rarely.hpp"
#include "store/store_error.hpp"
#include "store/worker_thread.hpp"

namespace distd {
namespace {

struct failure {
    errc code;
    std::string text;
};

}  // namespace

struct commit_queue::impl {
    using batch = std::vector<std::shared_ptr<worker_job>>;

    impl(commit_target& t, executor ex, commit_queue_limits l) : target(t), loop(ex), limits(l) {}

    void serve();
    void serve_one();
    void call();
    std::optional<failure> run(const batch&);
    void deliver(batch, std::optional<failure>);
    [[nodiscard]] std::optional<errc> admit(const std::shared_ptr<worker_job>&);

    commit_target& target;
    const executor loop;
    const commit_queue_limits limits;
    // Touched on the loop only. Shared with batches on their way to the loop, which may outlive the queue.
    struct callbacks {
        trouble_handler on_trouble;
        std::function<void()> on_commit;
        bool is_queue_gone = false;
    };
    std::shared_ptr<callbacks> shared = std::make_shared<callbacks>();

    mutable std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    batch queue;
    std::size_t jobs = 0;  // queued and being written
    std::size_t bytes = 0;
    std::uint64_t committed = 0;
    bool stopping = false;

    worker_steps* const steps = current_worker_steps();
    std::shared_ptr<bool> alive = std::make_shared<bool>();  // for steps on their way
    std::thread thread;                                      // without steps
};

void commit_queue::impl::serve() {
    for (;;) {
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return stopping || !queue.empty(); });
            if (queue.empty()) return;
        }
        // Where loop and writer share a core, the first job would be committed alone: the loop goes on with
        // the requests that it has read before, and the batch is twice as large.
        if (limits.gathers) std::this_thread::yield();
        serve_one();
    }
}

void commit_queue::impl::serve_one() {
    batch taken;
    {
        std::lock_guard lock(mutex);
        taken.swap(queue);
    }
    if (taken.empty()) return;
    auto failed = run(taken);
    deliver(std::move(taken), std::move(failed));
}

void commit_queue::impl::call() {
    if (!steps) return changed.notify_one();
    steps->ask_for([this, here = std::weak_ptr(alive)] {
        if (!here.expired()) serve_one();
    });
}

std::optional<failure> commit_queue::impl::run(const batch& taken) {
    failure f{errc::storage_failed, {}};
    try {
        target.begin();
        for (const auto& e : taken) e->run();
        if (DISTD_RARELY("commit refused")) throw store_error(errc::storage_full, "rarely, it is refused");
        target.commit();
        return std::nullopt;
    } catch (const store_error& e) {
        const bool says_more = e.code() == errc::storage_full || e.code() == errc::outcome_unknown;
        f.code = says_more ? e.code() : errc::storage_failed;
        f.text = e.what();
    } catch (const std::exception& e) {
        f.text = e.what();
    }
    target.rollback();
    for (const auto& e : taken) e->fail(f.code);
    return f;
}

// The batch travels to the loop and is destroyed there, so that no job's captures and no completion are
// touched from two threads.
void commit_queue::impl::deliver(batch taken, std::optional<failure> failed) {
    {
        std::lock_guard lock(mutex);
        jobs -= taken.size();
        for (const auto& e : taken) bytes -= e->bytes;
        if (!failed) ++committed;
    }
    auto complete_all = [done = std::move(taken), failed = std::move(failed), warning = target.take_warning(),
                         shared = shared] {
        const handler_scope scope("what follows a commit");
        if (shared->is_queue_gone) return;
        if (!warning.empty() && shared->on_trouble) shared->on_trouble(errc::storage_failed, warning);
        if (failed && shared->on_trouble) shared->on_trouble(failed->code, failed->text);
        if (!failed && shared->on_commit) shared->on_commit();
        for (const auto& e : done) e->complete();
    };
    boost::asio::post(loop, std::move(complete_all));
}

commit_queue::commit_queue(std::string thread_name, commit_target& target, executor loop,
                           commit_queue_limits limits)
    : impl_(std::make_unique<impl>(target, loop, limits)) {
    if (!impl_->steps) impl_->thread = start_worker(thread_name, [state = impl_.get()] { state->serve(); });
}

commit_queue::~commit_queue() {
    stop();
    impl_->shared->is_queue_gone = true;  // and with it, as a rule, what the callbacks refer to
}

void commit_queue::on_trouble(trouble_handler handler) { impl_->shared->on_trouble = std::move(handler); }

void commit_queue::on_commit(std::function<void()> handler) { impl_->shared->on_commit = std::move(handler); }

// Nothing, or why the job is refused.
std::optional<errc> commit_queue::impl::admit(const std::shared_ptr<worker_job>& e) {
    std::lock_guard lock(mutex);
    if (stopping) return errc::stopped;
    // One job over the byte limit is taken when it is alone: it could never be taken otherwise.
    const bool too_big = jobs > 0 && bytes + e->bytes > limits.bytes;
    if (too_big || jobs >= limits.jobs) return errc::overloaded;
    ++jobs;
    bytes += e->bytes;
    queue.push_back(e);
    return std::nullopt;
}

void commit_queue::enqueue(std::shared_ptr<worker_job> e) {
    const auto refused = impl_->admit(e);
    if (!refused) return impl_->call();
    e->fail(*refused);
    e->complete();
}

void commit_queue::stop() {
    {
        std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    if (impl_->steps) return impl_->serve_one();
    impl_->changed.notify_one();
    if (impl_->thread.joinable()) impl_->thread.join();
}

std::size_t commit_queue::queued_jobs() const {
    std::lock_guard lock(impl_->mutex);
    return impl_->jobs;
}

std::size_t commit_queue::queued_bytes() const {
    std::lock_guard lock(impl_->mutex);
    return impl_->bytes;
}

std::uint64_t commit_queue::batches() const {
    std::lock_guard lock(impl_->mutex);
    return impl_->committed;
}

}  // namespace distd
