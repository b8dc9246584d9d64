#include "store/parallel_helper.hpp"

#include <utility>

#include "store/worker_thread.hpp"

namespace distd {

parallel_helper::parallel_helper(const std::string& name) : is_helping_(!current_worker_steps()) {
    if (is_helping_) thread_ = start_worker(name, [this] { serve(); });
}

parallel_helper::~parallel_helper() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (is_helping_) thread_.join();
}

void parallel_helper::work::do_some() {
    for (auto i = next++; i < count; i = next++) piece(i);
}

void parallel_helper::share(std::size_t count, const std::function<void(std::size_t)>& piece) {
    work w(count, piece);
    bool is_offered = false;
    if (count > 1 && is_helping_) {
        std::lock_guard lock(mutex_);
        is_offered = offered_ == nullptr;
        if (is_offered) offered_ = &w;
    }
    if (is_offered) changed_.notify_all();
    w.do_some();
    if (!is_offered) return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !w.is_helped; });
    if (offered_ == &w) offered_ = nullptr;
}

void parallel_helper::serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || offered_ != nullptr; });
        if (stopping_) return;
        auto* w = std::exchange(offered_, nullptr);
        w->is_helped = true;
        lock.unlock();
        w->do_some();
        lock.lock();
        w->is_helped = false;
        changed_.notify_all();
    }
}

}  // namespace distd
